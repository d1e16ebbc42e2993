#!/usr/bin/env bash
# A Kubernetes control plane for one test run: etcd, kube-apiserver, the controllers that roll
# Deployments out, and KWOK as the node. Says "ready" on stdout; ends when its stdin is closed,
# which happens however the test process ends, and kills everything it started.
#
#   serve.sh BIN DIR PORT KUBELET   BIN: the executables; DIR: an empty directory, which is removed
#                                   at the end, with tokens.csv and kubeconfig in it; PORT and
#                                   KUBELET: free ports of the API server and of the node
set -euo pipefail
bin=$1 dir=$2 port=$3 kubelet=$4

cleanup() {
	trap - EXIT INT TERM HUP
	local pids
	pids=$(jobs -p)
	# The servers would drain connections for up to a minute, and nothing here is worth keeping.
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

export HOME=$dir
unset KUBECONFIG
cd "$dir"

start() { # NAME COMMAND...
	local name=$1
	shift
	"$@" >"$dir/$name.log" 2>&1 </dev/null &
}

openssl ecparam -name prime256v1 -genkey -noout -out sa.key

# Unix sockets: no port to pick. This etcd wants a port in the name, and makes a socket with it.
start etcd "$bin/etcd" --data-dir="$dir/etcd" \
	--listen-client-urls=unix://etcd.sock:0 --advertise-client-urls=unix://etcd.sock:0 \
	--listen-peer-urls=unix://peer.sock:0 \
	--unsafe-no-fsync --heartbeat-interval=10 --election-timeout=100 --log-level=error

# This etcd is too old for streaming lists: watchers would wait for ever now and then.
# ServiceAccount admission would wait for a controller that is not run; TaintNodesByCondition
# taints nodes for another.
start kube-apiserver "$bin/kube-apiserver" --etcd-servers="unix://$dir/etcd.sock:0" \
	--bind-address=127.0.0.1 --secure-port="$port" --advertise-address=127.0.0.1 \
	--endpoint-reconciler-type=none --cert-dir="$dir/certs" \
	--token-auth-file="$dir/tokens.csv" --authorization-mode=RBAC \
	--service-account-issuer=https://kubernetes.default.svc \
	--service-account-signing-key-file="$dir/sa.key" --service-account-key-file="$dir/sa.key" \
	--service-cluster-ip-range=10.0.0.0/24 \
	--disable-admission-plugins=ServiceAccount,TaintNodesByCondition \
	--enable-priority-and-fairness=false --allow-privileged=true --feature-gates=WatchList=false
apiserver=$!

kubectl=("$bin/kubectl" --kubeconfig="$dir/kubeconfig")
until "${kubectl[@]}" get --raw=/readyz >/dev/null 2>&1; do
	kill -0 "$apiserver" 2>/dev/null || {
		tail -n 20 "$dir/kube-apiserver.log" "$dir/etcd.log" >&2
		exit 1
	}
	sleep 0.05
done

# What pods of the node answer on their ports and log is said by objects of these kinds.
for kind in ClusterPortForward ClusterLogs; do
	singular=${kind,,}
	"${kubectl[@]}" create -f - >/dev/null <<-DEFINITION
		apiVersion: apiextensions.k8s.io/v1
		kind: CustomResourceDefinition
		metadata: {name: ${singular%s}s.kwok.x-k8s.io}
		spec:
		  group: kwok.x-k8s.io
		  scope: Cluster
		  names: {kind: $kind, plural: ${singular%s}s, singular: $singular, listKind: ${kind}List}
		  versions:
		  - name: v1alpha1
		    served: true
		    storage: true
		    subresources: {status: {}}
		    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
	DEFINITION
done
"${kubectl[@]}" wait --for=condition=Established crd --all >/dev/null

if [ -x "$bin/kube-controller-manager" ] && [ -x "$bin/kube-scheduler" ] && [ -x "$bin/kwok" ]; then
	start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$dir/kubeconfig" \
		--controllers=deployment-controller,replicaset-controller,namespace-controller,garbage-collector-controller \
		--leader-elect=false --secure-port=0 --kube-api-qps=500 --kube-api-burst=500
	start kube-scheduler "$bin/kube-scheduler" --kubeconfig="$dir/kubeconfig" \
		--leader-elect=false --secure-port=0 --kube-api-qps=500 --kube-api-burst=500
	start kwok "$bin/kwok" --kubeconfig="$dir/kubeconfig" --config="$bin/kwok-stages.yaml" --manage-all-nodes=true \
		--enable-crds=ClusterPortForward,ClusterLogs --node-ip=127.0.0.1 --node-port="$kubelet" \
		--server-address="127.0.0.1:$kubelet" --tls-cert-file="$dir/certs/apiserver.crt" \
		--tls-private-key-file="$dir/certs/apiserver.key"
	"${kubectl[@]}" create -f - >/dev/null <<-'NODE'
		apiVersion: v1
		kind: Node
		metadata:
		  name: node-0
		  labels: {kubernetes.io/hostname: node-0, kubernetes.io/os: linux, kubernetes.io/arch: amd64}
	NODE
	touch "$dir/rolls-out"
fi

# Plain HTTP with everything allowed, for tests that look into what goes by.
start proxy "$bin/kubectl" --kubeconfig="$dir/kubeconfig" proxy --unix-socket="$dir/proxy.sock"
until [ -S "$dir/proxy.sock" ]; do sleep 0.05; done

echo ready
cat <&0 >/dev/null &
wait $!
