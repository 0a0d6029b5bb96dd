#!/bin/sh
# Install Debian packages that are not there, where this user may: tests without a server or browser say that they were skipped.
# debian_packages.sh PACKAGE...
set -eu
{ [ "$(id -u)" = 0 ] && command -v apt-get; } >/dev/null || exit 0
for package; do
	shift
	dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || set -- "$@" "$package"
done
[ $# -gt 0 ] || exit 0
echo "installing from Debian: $*"
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } \
	</dev/null >/dev/null 2>&1 || echo "could not be installed: $*"
