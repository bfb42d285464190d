"""Prints what the learned model reaches on the dev sentences: bench_learned.py DATA [--quick]."""
from __future__ import annotations
import os
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TOKENIZERS_PARALLELISM"):
    os.environ[name] = "false" if name.startswith("TOK") else "1"
import json, sys, tempfile, time
from pathlib import Path
import numpy as np
import ivr.understanding
ivr.understanding.__path__.insert(0, str(Path(__file__).parent))
from ivr.understanding.learned import Example, train
from ivr.understanding.learned_cache import load, save
from ivr.understanding.learned_words import word_vectors
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import load_words

def read(path):
    words = load_words("en")
    rows = [json.loads(line) for line in path.open()]
    return [(plain_words(r["text"], words), r["intent"]) for r in rows]

def few(rows, many, seed):
    random = np.random.default_rng(seed); by = {}
    for row in rows: by.setdefault(row[1], []).append(row)
    return [by[k][i] for k in sorted(by) for i in random.permutation(len(by[k]))[:many]]

def error(p, ok):
    bins = np.minimum((p * 10).astype(int), 9)
    return sum(abs(p[bins == b].sum() - ok[bins == b].sum()) for b in range(10)) / len(p)

def run(data, name, many, seed):
    rows = read(data / name / "train.jsonl"); rows = few(rows, many, seed) if many else rows
    dev = read(data / name / "dev.jsonl"); vectors = word_vectors()
    w0, t = time.perf_counter(), time.process_time(); model = train([Example(*r) for r in rows], vectors); took = time.process_time() - t; wall = time.perf_counter() - w0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.npz"; save(model, path); size = path.stat().st_size / 1e6
        t = time.process_time(); model = load(path, vectors); cached = time.process_time() - t
    first, ms = [], []
    for words, _ in dev:
        t = time.process_time(); first.append(model.rank(words)); ms.append(1000 * (time.process_time() - t))
    truth = np.array([i or "" for _, i in dev]); guess = np.array([r[0].intent if r else "" for r in first]); p = np.array([r[0].probability if r else 0 for r in first])
    inside = truth != ""; right = guess == truth; th = model.threshold
    oos = f"{100*(p[~inside] < th).mean():5.1f}" if (~inside).any() else "    -"
    print(f"{name:10} {many or 'all':>4} seed {seed}: closed {100*right[inside].mean():5.2f}  at threshold {th:.3f}: in scope {100*(right & (p >= th))[inside].mean():5.2f} oos {oos}  ECE {error(p, right):.3f}  train {took:4.1f} s cpu ({wall:.1f} wall) cache {cached:.2f} s {size:.0f} MB  rank p50 {np.median(ms):.2f} p95 {np.quantile(ms, .95):.2f} ms", flush=True)

if __name__ == "__main__":
    data = Path(sys.argv[1])
    t = time.process_time(); word_vectors(); print(f"vectors {time.process_time()-t:.2f} s cpu")
    for name in ("clinc150", "banking77"):
        for many, seed in ((0, 0), (10, 0), (10, 1), (10, 2)): run(data, name, many, seed)
