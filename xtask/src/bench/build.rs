//! `cargo xtask bench build`: what a first build costs, beside that of a bare axum application.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::invocation::Invocation;
use crate::layout::Layout;

/// One application, which is built from nothing.
struct Application {
    name: &'static str,
    /// The dependencies beside axum and tokio, with `{root}` for the workspace's folder; `None` for a package of this
    /// workspace.
    dependencies: Option<&'static str>,
}

const APPLICATIONS: [Application; 5] = [
    Application { name: "bare axum", dependencies: Some("") },
    Application {
        name: "axum-login",
        dependencies: Some("axum-login = \"0.18\"\ntower-sessions = \"0.14\"\nasync-trait = \"0.1\"\n"),
    },
    Application {
        name: "verify-only",
        dependencies: Some(
            "auth-runtime = { path = \"{root}/auth-runtime\", default-features = false, features = [\"macros\"] }\n",
        ),
    },
    Application {
        name: "default features",
        dependencies: Some("auth-runtime = { path = \"{root}/auth-runtime\" }\n"),
    },
    Application { name: "quickstart", dependencies: None },
];

/// The cost of one build.
struct Cost {
    name: &'static str,
    /// Of all processes, in user mode and in the kernel, in seconds.
    cpu: f64,
    crates: usize,
}

/// Builds each application from nothing, and gives a table for people. Whole builds, so one round: their processor time
/// varies by a few percent.
pub(crate) fn build(layout: &Layout) -> Result<String, String> {
    let mut costs = Vec::with_capacity(APPLICATIONS.len());
    for application in &APPLICATIONS {
        println!("building {} from nothing", application.name);
        costs.push(cost(application, layout)?);
    }
    Ok(table(&costs))
}

fn cost(application: &Application, layout: &Layout) -> Result<Cost, String> {
    let folder = layout.bench().join("build");
    let failed = |error| format!("{} cannot be written: {error}", folder.display());
    let manifest = match application.dependencies {
        None => layout.root.join("Cargo.toml"),
        Some(dependencies) => {
            write(&folder.join("application"), dependencies, &layout.root).map_err(failed)?
        }
    };
    let package = if application.dependencies.is_none() { "quickstart" } else { "application" };
    let manifest = manifest.display().to_string();
    let tree = Invocation::of("cargo tree --prefix none --edges normal,build --format {p} --manifest-path")
        .arg(manifest.as_str())
        .arg("--package")
        .arg(package)
        .listen(layout)?;
    let target = folder.join("target");
    // What an earlier build left would make this one cheaper.
    if target.exists() {
        fs::remove_dir_all(&target).map_err(failed)?;
    }
    // POSIX: the second line of `times` is what the shell's children took.
    let build = Invocation::of("sh -c")
        .arg("cargo build --quiet --manifest-path \"$0\" --package \"$1\" && times")
        .arg(manifest)
        .arg(package)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0");
    let times = build.listen(layout)?;
    fs::remove_dir_all(&target).map_err(failed)?;
    let cpu = children(&times).ok_or_else(|| format!("the shell's `times` is not understood: {times}"))?;
    Ok(Cost { name: application.name, cpu, crates: packages(&tree) })
}

/// Writes the application: one route, and nothing of what its dependencies offer.
fn write(folder: &Path, dependencies: &str, root: &Path) -> std::io::Result<PathBuf> {
    fs::create_dir_all(folder.join("src"))?;
    let dependencies = dependencies.replace("{root}", &root.display().to_string());
    let manifest = format!(
        "[package]\nname = \"application\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}\n{dependencies}\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[workspace]\n"
    );
    fs::write(folder.join("src/main.rs"), MAIN)?;
    let path = folder.join("Cargo.toml");
    fs::write(&path, manifest)?;
    // The same versions as in this workspace.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(path)
}

const MAIN: &str = "\
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = axum::Router::new().route(\"/\", axum::routing::get(async || \"hello\"));
    axum::serve(tokio::net::TcpListener::bind(\"127.0.0.1:3000\").await?, app).await
}
";

/// Returns how many packages `cargo tree` names.
fn packages(tree: &str) -> usize {
    let mut lines: Vec<&str> =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len()
}

/// Returns the seconds of processor time in the second line of `times`, such as `1m4.500s 0m2.250s`.
fn children(times: &str) -> Option<f64> {
    let seconds = |text: &str| {
        let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let (user, system) = times.trim().lines().last()?.split_once(' ')?;
    Some(seconds(user)? + seconds(system)?)
}

fn table(costs: &[Cost]) -> String {
    let bare = costs.first().map_or(f64::NAN, |bare| bare.cpu);
    let mut text = format!("{:<18} {:>10} {:>14} {:>8}\n", "", "CPU", "/ bare axum", "crates");
    for Cost { name, cpu, crates } in costs {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<18} {cpu:>8.1} s {:>14.1} {crates:>8}", cpu / bare);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_childrens_time_is_the_second_line() {
        assert_eq!(children("0m0.010s 0m0.020s\n1m4.500s 0m2.250s\n"), Some(66.75));
        assert_eq!(children("0m0,010s 0m0,020s\n"), None);
        assert_eq!(children(""), None);
    }

    #[test]
    fn a_package_counts_once() {
        assert_eq!(packages("a v1.0.0\nb v1.0.0\nb v1.0.0 (*)\nb v2.0.0\n\n"), 3);
    }

    #[test]
    fn every_application_is_compared_with_the_bare_one() {
        let costs = [("bare axum", 20.0), ("quickstart", 100.0)];
        let costs = costs.map(|(name, cpu)| Cost { name, cpu, crates: 7 });
        let table = table(&costs);
        assert!(table.contains("quickstart            100.0 s            5.0        7\n"), "{table}");
    }
}
