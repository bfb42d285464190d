-- Free times of Meadow's technicians; visits.sqlite is made of this:
--   rm visits.sqlite && python -c "import sqlite3; sqlite3.connect('visits.sqlite').executescript(open('visits.sql').read())"
CREATE TABLE times (day TEXT, time TEXT, state TEXT);
INSERT INTO times VALUES ('2026-11-24', '14:00', 'taken'), ('2026-11-25', '09:00', 'taken'), ('2026-11-25', '15:30', 'free'),
  ('2026-11-26', '09:00', 'taken'), ('2026-11-27', '11:00', 'free'), ('2026-11-27', '16:00', 'free'), ('2026-11-30', '08:30', 'free'),
  ('2026-12-01', '10:00', 'taken'), ('2026-12-02', '13:00', 'free'), ('2026-12-03', '09:30', 'free'), ('2026-12-04', '15:00', 'free');
