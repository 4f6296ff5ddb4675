//! Node and npm, which run the real npm packages that the interop tests talk to.

use std::fs;

use semver::Version;

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::version;

/// The oldest Node that the npm packages support.
const OLDEST: Version = Version::new(20, 9, 0);
/// Installed from npm where the distribution's Node is older than that.
const OWN: Version = Version::new(20, 20, 2);

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if Found::on(layout).suffices() {
        return Ok(());
    }
    debian::install("nodejs npm", layout);
    let found = Found::on(layout);
    if found.npm.is_some() && found.node < Some(OLDEST) {
        install_own_node(layout);
    }
    let found = Found::on(layout);
    if found.suffices() { Ok(()) } else { Err(found.advice()) }
}

#[derive(Debug)]
struct Found {
    node: Option<Version>,
    npm: Option<Version>,
}

impl Found {
    fn on(layout: &Layout) -> Self {
        let version = |line| version::in_answer(&Invocation::of(line).answer(layout)?);
        let found = Self { node: version("node --version"), npm: version("npm --version") };
        println!("node {}, npm {}", or_missing(found.node.as_ref()), or_missing(found.npm.as_ref()));
        found
    }

    fn suffices(&self) -> bool {
        self.npm.is_some() && self.node >= Some(OLDEST)
    }

    fn advice(&self) -> String {
        format!(
            "install Node {OLDEST} or newer with npm (Debian: nodejs, npm); found node {}, npm {}",
            or_missing(self.node.as_ref()),
            or_missing(self.npm.as_ref())
        )
    }
}

fn or_missing(version: Option<&Version>) -> String {
    version.map_or_else(|| "missing".to_owned(), ToString::to_string)
}

/// Stable distributions carry an older Node than the packages ask for, but an npm that can fetch a newer one.
fn install_own_node(layout: &Layout) {
    let folder = layout.own_node();
    // Without a manifest of its own, npm would install into a folder further up that has one.
    let manifest = r#"{"private":true}"#;
    if fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("package.json"), manifest)).is_ok() {
        let _ = Invocation::of(&format!("npm install --no-audit --no-fund node@{OWN}"))
            .in_folder(folder)
            .run(layout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(node: Option<Version>, npm: Option<Version>) -> Found {
        Found { node, npm }
    }

    #[test]
    fn both_are_needed_and_node_must_be_new_enough() {
        const NPM: Option<Version> = Some(Version::new(9, 2, 0));
        assert!(found(Some(OLDEST), NPM).suffices());
        assert!(!found(Some(Version::new(18, 20, 4)), NPM).suffices());
        assert!(!found(None, NPM).suffices());
        assert!(!found(Some(OWN), None).suffices());
    }

    #[test]
    fn the_advice_says_what_was_found_and_what_to_install() {
        let advice = found(Some(Version::new(18, 20, 4)), None).advice();
        assert!(
            advice.contains("Node 20.9.0 or newer")
                && advice.contains("18.20.4")
                && advice.contains("npm missing")
        );
    }
}
