-- The customers and outages of Bluefern Mobile; carrier.sqlite is made of this:
--   rm carrier.sqlite && python -c "import sqlite3; sqlite3.connect('carrier.sqlite').executescript(open('carrier.sql').read())"
CREATE TABLE accounts (number TEXT PRIMARY KEY, pin TEXT, plan TEXT, kind TEXT, balance TEXT, valid_until TEXT,
  bill TEXT, bill_due TEXT, extra TEXT, state TEXT, data_left TEXT, renews TEXT);
INSERT INTO accounts VALUES ('40718263', '4821', 'Fern ten', 'contract', NULL, NULL, '18.00 EUR', '2026-12-05', 'none', 'open', 'four gigabytes', '2026-12-01');
INSERT INTO accounts VALUES ('40729385', '1937', 'Fern twenty', 'contract', NULL, NULL, '41.50 EUR', '2026-12-05', 'calls from Norway', 'open', 'eleven gigabytes', '2026-12-01');
INSERT INTO accounts VALUES ('40735502', '6604', 'Fern ten', 'contract', NULL, NULL, '18.00 EUR', '2026-11-05', 'none', 'late', 'nothing', '2026-12-01');
INSERT INTO accounts VALUES ('50116420', '2750', 'Fern go', 'prepaid', '7.20 EUR', '2027-03-14', NULL, NULL, 'none', 'none', 'one gigabyte', '2026-12-03');
INSERT INTO accounts VALUES ('50128839', '9083', 'Fern go', 'prepaid', '0.35 EUR', '2026-12-09', NULL, NULL, 'none', 'none', 'nothing', '2026-11-30');
INSERT INTO accounts VALUES ('40760917', '3516', 'Fern home', 'contract', NULL, NULL, '29.00 EUR', '2026-12-05', 'none', 'paid', 'no limit', '2026-12-01');
CREATE TABLE outages (area TEXT, what TEXT, until_day TEXT, until_time TEXT);
INSERT INTO outages VALUES ('Millbrook', 'a mast has no power', '2026-11-24', '16:00');
INSERT INTO outages VALUES ('Port Alder', 'a cable was cut by a digger', '2026-11-25', '09:00');
