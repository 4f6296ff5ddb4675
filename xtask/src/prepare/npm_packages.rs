//! The npm packages whose cookies we must read and who must read ours, in pinned versions.

use std::fs;
use std::path::{Path, PathBuf};

use crate::invocation::Invocation;
use crate::layout::Layout;

struct Peer {
    folder: PathBuf,
    /// Name and version.
    packages: &'static [(&'static str, &'static str)],
}

/// The same as in `tests/interop/package.json`, which a test below compares.
const CURRENT: &[(&str, &str)] = &[("@auth0/nextjs-auth0", "4.30.0"), ("jose", "6.2.17")];
const LEGACY: &[(&str, &str)] = &[("@auth0/nextjs-auth0", "3.8.0")];

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    let peers = [
        Peer { folder: layout.peer(), packages: CURRENT },
        Peer { folder: layout.peer_v3(), packages: LEGACY },
    ];
    peers.iter().try_for_each(|peer| prepare_peer(peer, layout))
}

fn prepare_peer(peer: &Peer, layout: &Layout) -> Result<(), String> {
    if is_installed(peer, layout) {
        return Ok(());
    }
    // Without a manifest of its own, npm would install into a folder further up that has one.
    fs::create_dir_all(&peer.folder)
        .and_then(|()| fs::write(peer.folder.join("package.json"), r#"{"private":true}"#))
        .map_err(|error| format!("{} cannot be written: {error}", peer.folder.display()))?;
    let mut install = Invocation::of("npm install --no-audit --no-fund --legacy-peer-deps --omit=peer")
        .in_folder(peer.folder.clone());
    install.arguments.extend(peer.packages.iter().map(|(name, version)| format!("{name}@{version}")));
    install.run(layout)?;
    if is_installed(peer, layout) {
        Ok(())
    } else {
        Err(format!(
            "npm did not install what `{install}` asks for: remove {} and run again",
            peer.folder.display()
        ))
    }
}

fn is_installed(peer: &Peer, layout: &Layout) -> bool {
    // npm writes this file last, so an installation that was interrupted has none.
    let is_complete = peer.folder.join("node_modules/.package-lock.json").is_file();
    is_complete
        && peer.packages.iter().all(|(name, wanted)| {
            let found = installed_version(&peer.folder, name, layout);
            println!("{name} {} (wanted: {wanted})", found.as_deref().unwrap_or("missing"));
            found.as_deref() == Some(wanted)
        })
}

/// Node reads the manifest: it has a JSON parser, and we have none.
fn installed_version(folder: &Path, package: &str, layout: &Layout) -> Option<String> {
    let manifest = folder.join("node_modules").join(package).join("package.json");
    Invocation::of("node --print require(process.argv[1]).version")
        .arg(manifest.display().to_string())
        .answer(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_beside_the_interop_tests_pins_the_same_versions() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop/package.json");
        let manifest = fs::read_to_string(manifest).expect("the manifest is there");
        for (name, version) in CURRENT {
            assert!(manifest.contains(&format!(r#""{name}": "{version}""#)), "{name}");
        }
        for (name, version) in LEGACY {
            assert!(manifest.contains(&format!(r#""npm:{name}@{version}""#)), "{name}");
        }
    }
}
