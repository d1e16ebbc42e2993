//! How the executables are linked.

/// At fixed addresses on Linux, as those of Go are: an executable that may lie anywhere begins with
/// writing its 20,000 addresses into its own pages, which is half of the time that `asya --version`
/// takes. Shared libraries and the heap lie where they like all the same.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    for argument in is_static.then_some("-static").into_iter().chain(["-no-pie"]) {
        println!("cargo::rustc-link-arg-bins={argument}");
        println!("cargo::rustc-link-arg-benches={argument}");
    }
}
