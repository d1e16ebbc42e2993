#!/usr/bin/env bash
# Starts the whole cluster once, rolls a Deployment out, deletes its namespace and
# kills everything.  The command lines are the part to port; see README.md.
#
#   ./smoke.sh [DIR]      DIR: where build.sh put the executables
#   SMOKE_KEEP=1          leave the temporary directory (logs) behind
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

bin=${1:-$("$here/build.sh" --print-default-dir)}
"$here/build.sh" "$bin"

# Short, because a unix socket's path may have 107 bytes at most.
T=$(mktemp -d /tmp/asya-cl.XXXXXX)

cleanup() {
	trap - EXIT INT TERM HUP
	# SIGKILL: on SIGTERM the apiserver waits for its clients to end their watches, 70 s
	# as measured, and there is nothing here worth waiting for.
	local pids
	pids=$(jobs -p)
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	wait 2>/dev/null || true
	[ -n "${SMOKE_KEEP:-}" ] || rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

now() { echo "${EPOCHREALTIME/[.,]/}"; }                       # microseconds
since() { local d=$(($(now) - $1)); printf '%d.%03d' $((d / 1000000)) $((d / 1000 % 1000)); }
say() { printf 'smoke: %-34s %s\n' "$1" "$2"; }

# A foreground command as a job, so that a signal is acted on at once.
fg_() { "$@" & wait $!; }

declare -A pid
start() { # NAME COMMAND...: in the background, output to NAME.log
	local name=$1
	shift
	"$@" >"$T/$name.log" 2>&1 &
	pid[$name]=$!
}
dead() { # the names of those that are no longer running
	local n
	for n in "${!pid[@]}"; do kill -0 "${pid[$n]}" 2>/dev/null || echo "$n"; done
}
await() { # WHAT COMMAND...: every 50 ms until it succeeds, at most 60 s
	local what=$1 began d
	shift
	began=$(now)
	until fg_ "$@" >/dev/null 2>"$T/await.err"; do
		d=$(dead)
		if [ -n "$d" ] || [ $(($(now) - began)) -gt 60000000 ]; then
			echo "smoke: FAILED waiting for $what; not running: ${d:-none}; last error:" >&2
			cat "$T/await.err" >&2
			for n in $d; do echo "--- $n.log" >&2; tail -n 20 "$T/$n.log" >&2; done
			exit 1
		fi
		fg_ sleep 0.05
	done
}

# What the components would otherwise look up in a home directory (~/.kube, ~/.kwok).
export HOME=$T
unset KUBECONFIG

# ---------------------------------------------------------------- files
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
token=$(openssl rand -hex 16)

# token,user,uid,"groups": system:masters may do everything, and does not depend on the
# RBAC roles the apiserver creates while it starts.
echo "$token,admin,admin,\"system:masters\"" >"$T/tokens.csv"

# Signs service account tokens.  EC, because an RSA key takes 10 times as long to make.
openssl ecparam -name prime256v1 -genkey -noout -out "$T/sa.key"

cat >"$T/kubeconfig" <<EOF
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster:
    server: https://127.0.0.1:$port
    certificate-authority: $T/certs/apiserver.crt
users:
- name: admin
  user:
    token: $token
contexts:
- name: c
  context: {cluster: c, user: admin}
current-context: c
EOF
kubectl=("$bin/kubectl" --kubeconfig="$T/kubeconfig")

# ---------------------------------------------------------------- etcd
t0=$(now)
etcd_flags=(
	--data-dir="$T/etcd"
	# Unix sockets: no port to pick, nothing for another process to take.  etcd 3.5.1
	# refuses paths in these URLs, and insists on a port: what it makes is a socket
	# named "etcd.sock:0" in its working directory, so that is $T.
	--listen-client-urls=unix://etcd.sock:0
	--advertise-client-urls=unix://etcd.sock:0 # required with the line above
	--listen-peer-urls=unix://peer.sock:0      # else it takes port 2380
	--unsafe-no-fsync                          # the data is thrown away
	# Its election against nobody is over after 0.1 s instead of 1 s.
	--heartbeat-interval=10 --election-timeout=100
	--log-level=error
)
cd "$T"
start etcd "$bin/etcd" "${etcd_flags[@]}"

# ---------------------------------------------------------------- kube-apiserver
# Started at the same time: it retries until etcd is there.
apiserver_flags=(
	--etcd-servers="unix://$T/etcd.sock:0"
	--bind-address=127.0.0.1      # default: all interfaces
	--secure-port="$port"         # 0 is refused
	--advertise-address=127.0.0.1 # default: the address of the default route, which there may not be; it is also the address in the certificate
	--endpoint-reconciler-type=none # would fail for ever: a loopback address is refused in an EndpointSlice
	--cert-dir="$T/certs"         # makes apiserver.crt (with its CA in it) and apiserver.key there
	--token-auth-file="$T/tokens.csv"
	--authorization-mode=RBAC     # default: AlwaysAllow
	# The three that are required, and one key file for both directions.
	--service-account-issuer=https://kubernetes.default.svc
	--service-account-signing-key-file="$T/sa.key"
	--service-account-key-file="$T/sa.key"
	--service-cluster-ip-range=10.0.0.0/24
	# ServiceAccount: refuses pods until a controller has made the "default" account of a
	#   new namespace, and mounts a token into each pod.
	# TaintNodesByCondition: taints a new node "not-ready"; the controller that takes the
	#   taint away again (node-lifecycle) is not run.
	--disable-admission-plugins=ServiceAccount,TaintNodesByCondition
	# etcd 3.5.1 cannot do what "watch lists" need (RequestWatchProgress).  The apiserver
	# offers them all the same and fails them: informers, kwok's above all, then list
	# again with growing pauses (up to 30 s) instead of watching.
	--feature-gates=WatchList=false
	--allow-privileged=true       # as in usual clusters
)
start kube-apiserver "$bin/kube-apiserver" "${apiserver_flags[@]}"
await /readyz "${kubectl[@]}" get --raw=/readyz
say "kube-apiserver ready after" "$(since "$t0") s"

# ---------------------------------------------------------------- the rest
t1=$(now)
kcm_flags=(
	--kubeconfig="$T/kubeconfig"
	--controllers=deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,job-controller,cronjob-controller,endpointslice-controller,namespace-controller,garbage-collector-controller
	--leader-elect=false          # there is one, and an election takes seconds
	--secure-port=0               # serves nothing; else port 10257
	--kube-api-qps=500 --kube-api-burst=500 # default 20: would throttle the tests
)
start kube-controller-manager "$bin/kube-controller-manager" "${kcm_flags[@]}"

scheduler_flags=(
	--kubeconfig="$T/kubeconfig"
	--leader-elect=false
	--secure-port=0               # else port 10259
	--kube-api-qps=500 --kube-api-burst=500
)
start kube-scheduler "$bin/kube-scheduler" "${scheduler_flags[@]}"

kwok_flags=(
	--kubeconfig="$T/kubeconfig"
	--config="$bin/kwok-stages.yaml" # what happens to nodes and pods; not embedded in kwok (only in kwokctl)
	--manage-all-nodes=true       # else it manages none, unless told by name, label or annotation
	--cidr=10.1.0.0/16            # pod addresses; default 10.0.0.0/24, which are the services' here
)
start kwok "$bin/kwok" "${kwok_flags[@]}"

# KWOK plays nodes, it does not create them.
"${kubectl[@]}" create -f - >/dev/null <<'EOF'
apiVersion: v1
kind: Node
metadata:
  name: node-0
  labels:
    kubernetes.io/hostname: node-0
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
EOF
fg_ "${kubectl[@]}" wait --for=condition=Ready node/node-0 --timeout=60s >/dev/null
say "node ready after another" "$(since "$t1") s"

# ---------------------------------------------------------------- use it
"${kubectl[@]}" version | sed 's/^/smoke: /'
t2=$(now)
fg_ "${kubectl[@]}" create namespace smoke >/dev/null
fg_ "${kubectl[@]}" -n smoke create deployment web --image=example.invalid/web:1 --replicas=1 >/dev/null
fg_ "${kubectl[@]}" -n smoke rollout status deployment/web --timeout=60s >/dev/null
say "Deployment rolled out in" "$(since "$t2") s"
"${kubectl[@]}" -n smoke get pods -o wide | sed 's/^/smoke:   /'

t3=$(now)
fg_ "${kubectl[@]}" delete namespace smoke --timeout=60s >/dev/null
say "namespace deleted in" "$(since "$t3") s (5 s of it are the controller's grace period)"

for n in etcd kube-apiserver kube-controller-manager kube-scheduler kwok; do
	rss=$(awk '/^VmRSS:/ {print int($2 / 1024)}' "/proc/${pid[$n]}/status")
	cpu=$(awk -v hz="$(getconf CLK_TCK)" '{printf "%.1f", ($14 + $15) / hz}' "/proc/${pid[$n]}/stat")
	say "$n" "RSS $rss MiB, CPU $cpu s"
done
say "all in all" "$(since "$t0") s"
