//! The Kubernetes API: connect, check, apply. The only room that knows the Kubernetes client.
