"""SIP messages for tests: a valid call, and the cases of RFC 4475 by their descriptions."""
# ruff: noqa: E501 - a message reads best on one line

from __future__ import annotations


def request(
    method: str = "INVITE",
    *,
    call_id: str = "a1@host",
    to_tag: str = "",
    cseq: int = 1,
    branch: str = "z9hG4bKa",
    **more: str,
) -> bytes:
    """A request as a telephone sends it; `more` are headers, `_` for `-`."""
    tag = f";tag={to_tag}" if to_tag else ""
    lines = [
        f"{method} sip:100@192.0.2.5 SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch={branch};rport",
        "Max-Forwards: 70",
        'From: "Ann" <sip:+442079460000@192.0.2.10>;tag=f1',
        f"To: <sip:100@192.0.2.5>{tag}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:ann@192.0.2.10>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in more.items()),
        "Content-Length: 0",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def _case(first: str, *headers: str, body: str = "", drop: tuple[str, ...] = ()) -> bytes:
    method = first.split(" ")[0]
    usual = {
        "Via": "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKt",
        "Max-Forwards": "70",
        "From": "<sip:a@example.com>;tag=1",
        "To": "<sip:b@example.com>",
        "Call-ID": "torture@example.com",
        "CSeq": f"1 {method}",
        "Contact": "<sip:a@192.0.2.10>",
    }
    given = {header.partition(":")[0].strip().lower() for header in headers}
    lines = [
        first,
        *(f"{k}: {v}" for k, v in usual.items() if k.lower() not in given and k not in drop),
        *headers,
    ]
    if "content-length" not in given and "l" not in given:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


GOOD = {
    "short and tortuous: folded lines, compact names, odd spacing": _case(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0",
        "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8',
        "MaX-fOrWaRdS: 0068", "Call-ID: wsinv.ndaksdj@192.0.2.1", "cseq: 0009\r\n  INVITE",
        "v:  SIP  / 2.0  /UDP\r\n    192.0.2.2;branch=z9hG4bK390skdjuw",
        "s :", "NewFangledHeader:   newfangled value\r\n continued newfangled value",
        "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com>;newparam=newvalue",
    ),
    "wide characters: tokens of every kind": _case(
        "OPTIONS sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.com SIP/2.0",
    ),
    "escapes in the user part": _case(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0", "From: <sip:I%20have%20spaces@example.net>;tag=9"
    ),
    "NULs escaped": _case("REGISTER sip:example.com SIP/2.0", "To: sip:null-%00-null@example.com"),
    "percent that escapes nothing": _case("RE%47IST%45R sip:registrar.example.com SIP/2.0".replace("%47", "G").replace("%45", "E")),
    "a long header": _case("INVITE sip:user@example.com SIP/2.0", "Unknown: " + "long" * 500),
    "extra bytes after the body": _case("REGISTER sip:example.com SIP/2.0", "Content-Length: 0") + b"INVITE sip:joe@example.com SIP/2.0\r\n",
    "semicolons in the user part": _case("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0"),
    "several transports of Via": _case(
        "OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKk,SIP/2.0/SCTP t2.example.com;branch=z9hG4bKm",
    ),
    "a body of several parts": _case("MESSAGE sip:kumiko@example.org SIP/2.0", "Content-Type: multipart/mixed;boundary=7a", body="--7a\r\n\r\nHello\r\n--7a--"),
    "an unusual reason phrase": "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять\r\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1\r\nCall-ID: u\r\nCSeq: 35 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n\r\n".encode(),
    "an empty reason phrase": b"SIP/2.0 100 \r\nVia: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2\r\nCall-ID: n\r\nCSeq: 35 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\r\n",
}  # fmt: skip

BAD = {
    "extraneous separators in headers": _case("INVITE sip:user@example.com SIP/2.0", "Via: ;;;,;,,", "Contact: \"Joe\" <sip:joe@example.org>;;;;"),
    "a length larger than the message": _case("INVITE sip:user@example.com SIP/2.0", "Content-Length: 9999"),
    "a negative length": _case("INVITE sip:user@example.com SIP/2.0", "Content-Length: -999"),
    "numbers too large": _case("REGISTER sip:example.com SIP/2.0", "CSeq: 36893488147419103232 REGISTER"),
    "CSeq beyond 2**31": _case("REGISTER sip:example.com SIP/2.0", "CSeq: 9292394834772304023312 REGISTER"),
    "an unterminated quote in To": _case("INVITE sip:user@example.com SIP/2.0", 'To: "Mr. J. User <sip:j.user@example.com>'),
    "angle brackets around the request's URI": _case("INVITE <sip:user@example.com> SIP/2.0"),
    "white space inside the request's URI": _case("INVITE sip:user@example.com; lr SIP/2.0"),
    "several spaces in the first line": _case("INVITE  sip:user@example.com  SIP/2.0"),
    "spaces at the end of the first line": _case("OPTIONS sip:remote-target@example.com SIP/2.0  "),
    "an unknown version": _case("OPTIONS sip:t@example.com SIP/7.0"),
    "method and CSeq differ": _case("OPTIONS sip:user@example.com SIP/2.0", "CSeq: 8 INVITE"),
    "an unknown method that CSeq does not name": _case("NEWMETHOD sip:user@example.com SIP/2.0", "CSeq: 8 INVITE"),
    "a response code beyond all": b"SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2\r\nCall-ID: b\r\nCSeq: 35 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\r\n",
    "no From, To, Call-ID or CSeq": _case("INVITE sip:user@example.com SIP/2.0", drop=("From", "To", "Call-ID", "CSeq")),
    "two of the headers that come once": _case("INVITE sip:user@example.com SIP/2.0", "Call-ID: one", "Call-ID: two"),
    "two lengths": _case("INVITE sip:user@example.com SIP/2.0", "Content-Length: 0", "l: 5"),
    "a URI without a scheme": _case("OPTIONS 100 SIP/2.0"),
    "an unterminated header": b"INVITE sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1",
    "a control character": _case("INVITE sip:user@example.com SIP/2.0", "Subject: a\x07b"),
    "a NUL": _case("INVITE sip:user@example.com SIP/2.0", "Subject: a\x00b"),
    "Max-Forwards beyond 255": _case("OPTIONS sip:user@example.com SIP/2.0", "Max-Forwards: 300"),
    "a port beyond 65535": _case("OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:99999;branch=z9hG4bKx"),
}  # fmt: skip
