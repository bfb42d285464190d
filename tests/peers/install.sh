#!/bin/sh
# Installs the peers that tests call, where that is allowed; tests of a missing one are skipped by name.
missing=""
for pair in sipp:sip-tester baresip:baresip-core kamailio:kamailio linphonec:linphone-cli asterisk:asterisk; do
    command -v "${pair%%:*}" >/dev/null || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "not installed, their tests are skipped:$missing" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# One by one: a package that cannot be had must not cost the others.
apt-get update -qq >/dev/null 2>&1
for package in $missing; do
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 || echo "cannot be installed: $package" >&2
done
