//! Debian's package manager, where it may be used: as root.

use crate::invocation::Invocation;
use crate::layout::Layout;

/// Installs the packages if this is Debian and we are root. What became of it shows in what is found afterwards.
pub(super) fn install(packages: &str, layout: &Layout) {
    if !is_root_on_debian(layout) {
        return;
    }
    let _ = Invocation::of("apt-get update").run(layout);
    let _ = Invocation::of(&format!("apt-get install -y {packages}"))
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run(layout);
}

fn is_root_on_debian(layout: &Layout) -> bool {
    let is_root = Invocation::of("id -u").answer(layout).as_deref() == Some("0");
    is_root && Invocation::of("apt-get --version").answer(layout).is_some()
}
