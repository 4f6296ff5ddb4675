//! What is checked, in which order. This file is the list; nothing here runs anything.

use crate::args::Scope;
use crate::bounds;
use crate::fuzz;
use crate::instructions;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::prepare::Preparation;
use crate::step::{Action, Step};

/// The steps of one run. Those that need Rust alone come first: most mistakes show there.
pub(crate) fn plan(scope: Scope, layout: &Layout) -> Vec<Step> {
    let mut steps = quick_steps();
    if scope == Scope::Full {
        steps.extend(full_only_steps(layout));
        steps.extend(bench_steps(layout));
        steps.extend(fuzz_steps(layout));
    }
    steps
}

fn quick_steps() -> Vec<Step> {
    vec![
        prepare(
            "rust tools",
            "rustfmt and clippy of the pinned toolchain are installed",
            &[],
            Preparation::RustTools,
        ),
        run("format", "rustfmt would change nothing", &["rust tools"], "cargo fmt --all -- --check"),
        run(
            "clippy",
            "no warning with every feature on",
            &["rust tools"],
            "cargo clippy --workspace --all-targets --all-features -- -D warnings",
        ),
        // Features only add: what is left without them must be whole, and free of code that nothing uses.
        run(
            "clippy bare",
            "no warning in auth-runtime without features",
            &["rust tools"],
            "cargo clippy -p auth-runtime --no-default-features -- -D warnings",
        ),
        run(
            "clippy macros",
            "no warning in auth-runtime with the macro alone",
            &["rust tools"],
            "cargo clippy -p auth-runtime --no-default-features --features macros -- -D warnings",
        ),
        run(
            "clippy stores",
            "no warning in auth-runtime with the databases and without the sign-in",
            &["rust tools"],
            "cargo clippy -p auth-runtime --no-default-features --features redis,sqlx,metrics -- -D warnings",
        ),
        // Not `--all-features`: that would build the interop tests, which need Node.
        run(
            "tests",
            "unit, integration and documentation tests",
            &[],
            "cargo test --workspace --features auth-runtime/testing,quickstart/stores",
        ),
        // Features only add: with the other cipher every session reads and writes as before.
        run(
            "tests aws-lc-rs",
            "the runtime, its vectors and its attacks with the other cipher",
            &[],
            "cargo test -p auth-runtime -p auth-tests --features auth-runtime/testing,auth-runtime/aws-lc-rs --lib --test vectors --test api",
        ),
        Step {
            name: "docs",
            purpose: "the documentation builds without a warning, as docs.rs builds it, and has its pages",
            needs: &[],
            action: Action::CheckDocumentation,
        },
    ]
}

fn full_only_steps(layout: &Layout) -> Vec<Step> {
    vec![
        prepare("node", "Node 20.9 or newer and npm are installed", &[], Preparation::Node),
        prepare(
            "npm packages",
            "the real npm packages are in the target folder",
            &["node"],
            Preparation::NpmPackages,
        ),
        Step {
            name: "interop",
            purpose: "cookies travel both ways between us and the real npm packages",
            needs: &["node", "npm packages"],
            // The whole workspace is selected so that features add up as in `tests`, and nothing is built twice.
            action: Action::Run(
                Invocation::of("cargo test --workspace --features auth-runtime/testing,quickstart/stores,auth-tests/interop --test interop")
                    .env("INTEROP_PEER", layout.peer())
                    .env("INTEROP_PEER_V3", layout.peer_v3()),
            ),
        },
        prepare(
            "suite packages",
            "the npm packages of the provider and browser suites are in the target folder",
            &["node"],
            Preparation::SuitePackages,
        ),
        Step {
            name: "provider",
            purpose: "users sign in at a real OpenID provider, npm's oidc-provider",
            needs: &["node", "suite packages"],
            action: Action::Run(
                Invocation::of("cargo test --workspace --features auth-runtime/testing,quickstart/stores,auth-tests/provider --test provider")
                    .env("PROVIDER_PACKAGES", layout.provider()),
            ),
        },
        Step {
            name: "schedules",
            purpose: "no schedule of requests in one process sends a refresh token twice, of a hundred thousand",
            needs: &[],
            action: Action::Run(
                Invocation::of("cargo test -p auth-runtime --features testing --lib schedules")
                    .env("CARGO_TARGET_DIR", layout.schedules())
                    .env("RUSTFLAGS", "--cfg shuttle"),
            ),
        },
        prepare("redis", "redis-server is installed", &[], Preparation::Redis),
        prepare("postgresql", "PostgreSQL is installed", &[], Preparation::Postgresql),
        run(
            "stores",
            "every session store keeps the contract, and fails as it must, with real servers",
            &["redis", "postgresql"],
            "cargo test --workspace --features auth-runtime/testing,quickstart/stores,auth-tests/stores --test stores",
        ),
        run(
            "instances",
            "several processes with one store: one session, one refresh, one sign-out",
            &["redis", "postgresql"],
            "cargo test --workspace --features auth-runtime/testing,quickstart/stores,auth-tests/stores --test instances",
        ),
        prepare("chromium", "Chromium is installed", &[], Preparation::Chromium),
        prepare("next.js app", "the companion's Next.js app builds", &["node"], Preparation::NextjsApp),
        run(
            "examples",
            "the examples that the browser visits are built",
            &[],
            "cargo build --workspace --features auth-runtime/testing,quickstart/stores --bin quickstart --bin nextjs-companion --example redirect_payloads",
        ),
        Step {
            name: "browser",
            purpose: "a real Chromium signs in, calls, signs out, and visits hostile pages",
            needs: &["node", "suite packages", "redis", "chromium", "next.js app", "examples"],
            action: Action::Run(
                Invocation::of("node --test-reporter=spec tests/browser/main.mjs")
                    .env("BROWSER_PACKAGES", layout.browser())
                    .env("PROVIDER_PACKAGES", layout.provider())
                    .env("NEXTJS_APP", layout.nextjs_app()),
            ),
        },
        prepare("cargo-deny", "cargo-deny is installed", &[], Preparation::CargoDeny),
        run(
            "dependencies",
            "bans, licences and sources are as deny.toml says",
            &["cargo-deny"],
            "cargo-deny check bans licenses sources",
        ),
        Step {
            name: "advisories",
            purpose: "no known vulnerability, by a database that has to be reachable unless ADVISORIES=offline",
            needs: &["cargo-deny"],
            action: Action::CheckAdvisories,
        },
    ]
}

/// The benchmarks are a workspace of their own.
fn bench_steps(layout: &Layout) -> Vec<Step> {
    vec![
        prepare("valgrind", "valgrind is installed", &[], Preparation::Valgrind),
        prepare(
            "gungraun-runner",
            "gungraun-runner is installed, in the version of its library",
            &[],
            Preparation::GungraunRunner,
        ),
        run(
            "format benches",
            "the benchmarks are formatted",
            &["rust tools"],
            "cargo fmt --manifest-path tests/benches/Cargo.toml -- --check",
        ),
        Step {
            name: "clippy benches",
            purpose: "no warning in the benchmarks, whose dependencies are their own",
            needs: &["rust tools"],
            action: Action::Run(
                Invocation::of("cargo clippy --locked --all-targets --features alternatives -- -D warnings")
                    .env("CARGO_TARGET_DIR", layout.bench())
                    .in_folder(layout.root.join("tests/benches")),
            ),
        },
        Step {
            name: "instructions",
            purpose: "no count of instructions or allocations grew by more than 2 %, and no refusal costs more than three times its floor",
            needs: &["valgrind", "gungraun-runner"],
            action: Action::CompareInstructions,
        },
        Step {
            name: "bench tests",
            purpose: "unit tests of the benchmarks",
            needs: &[],
            action: Action::Run(instructions::tests(layout)),
        },
    ]
}

/// The fuzz targets and the bounds of what the largest inputs cost are a workspace of their own, too.
fn fuzz_steps(layout: &Layout) -> Vec<Step> {
    vec![
        prepare("cargo-fuzz", "cargo-fuzz and a C++ compiler are installed", &[], Preparation::CargoFuzz),
        run(
            "format fuzz",
            "the fuzz targets and the bounds are formatted",
            &["rust tools"],
            "cargo fmt --all --manifest-path fuzz/Cargo.toml -- --check",
        ),
        Step {
            name: "clippy fuzz",
            purpose: "no warning in the fuzz targets and in the bounds",
            needs: &["rust tools"],
            action: Action::Run(fuzz::clippy(layout)),
        },
        Step {
            name: "bounds",
            purpose: "the largest inputs from outside stay within their budgets of instructions and bytes",
            needs: &["valgrind", "gungraun-runner"],
            action: Action::Run(bounds::check(layout)),
        },
        Step {
            name: "fuzz",
            purpose: "every fuzz target's corpus, and ten seconds more, without a fault",
            needs: &["cargo-fuzz"],
            action: Action::Fuzz,
        },
    ]
}

fn prepare(
    name: &'static str,
    purpose: &'static str,
    needs: &'static [&'static str],
    preparation: Preparation,
) -> Step {
    Step { name, purpose, needs, action: Action::Prepare(preparation) }
}

fn run(name: &'static str, purpose: &'static str, needs: &'static [&'static str], line: &str) -> Step {
    Step { name, purpose, needs, action: Action::Run(Invocation::of(line)) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn layout() -> Layout {
        Layout::at(Path::new("/project"), Some(PathBuf::from("/target")))
    }

    fn command_lines(scope: Scope) -> Vec<String> {
        let lines = plan(scope, &layout()).into_iter().filter_map(|step| match step.action {
            Action::Run(invocation) => Some(invocation.to_string()),
            Action::Prepare(_)
            | Action::CheckDocumentation
            | Action::CheckAdvisories
            | Action::CompareInstructions
            | Action::Fuzz => None,
        });
        lines.collect()
    }

    #[test]
    fn quick_is_the_beginning_of_full() {
        let (quick, full) = (plan(Scope::Quick, &layout()), plan(Scope::Full, &layout()));
        assert!(full.starts_with(&quick) && full.len() > quick.len());
    }

    #[test]
    fn quick_needs_rust_alone() {
        for step in plan(Scope::Quick, &layout()) {
            match step.action {
                Action::Prepare(preparation) => assert_eq!(preparation, Preparation::RustTools),
                Action::Run(invocation) => assert_eq!(invocation.program, "cargo"),
                Action::CheckDocumentation => {}
                Action::CheckAdvisories => panic!("advisories need the network"),
                Action::CompareInstructions => panic!("counts need valgrind"),
                Action::Fuzz => panic!("fuzzing needs cargo-fuzz"),
            }
        }
        assert!(!command_lines(Scope::Quick).iter().any(|line| line.contains("interop")));
    }

    #[test]
    fn quick_formats_lints_tests_and_documents() {
        let lines = command_lines(Scope::Quick);
        for word in ["cargo fmt", "cargo clippy", "cargo test"] {
            assert!(lines.iter().any(|line| line.contains(word)), "{word}");
        }
        let steps = plan(Scope::Quick, &layout());
        assert!(steps.iter().any(|step| step.action == Action::CheckDocumentation));
    }

    #[test]
    fn warnings_are_errors_wherever_they_can_arise() {
        for line in command_lines(Scope::Full) {
            if line.contains("cargo clippy") {
                assert!(line.contains("-D warnings"), "{line}");
            }
        }
    }

    #[test]
    fn the_interop_run_is_told_where_the_packages_are() {
        let lines = command_lines(Scope::Full);
        let interop =
            lines.iter().find(|line| line.contains("--test interop")).expect("it is in the full plan");
        assert!(interop.contains(r#"INTEROP_PEER="/target/interop""#), "{interop}");
        assert!(interop.contains(r#"INTEROP_PEER_V3="/target/interop-v3""#), "{interop}");
    }

    #[test]
    fn the_suites_are_told_where_their_packages_are() {
        let lines = command_lines(Scope::Full);
        let line = |part| lines.iter().find(|line| line.contains(part)).expect("it is in the full plan");
        assert!(line("--test provider").contains(r#"PROVIDER_PACKAGES="/target/provider""#));
        for variable in [
            r#"BROWSER_PACKAGES="/target/browser""#,
            r#"PROVIDER_PACKAGES="/target/provider""#,
            r#"NEXTJS_APP="/target/nextjs-companion""#,
        ] {
            assert!(line("tests/browser/main.mjs").contains(variable), "{variable}");
        }
    }

    #[test]
    fn names_are_unique_and_every_need_comes_earlier() {
        let steps = plan(Scope::Full, &layout());
        for (index, step) in steps.iter().enumerate() {
            let earlier: Vec<_> = steps[..index].iter().map(|other| other.name).collect();
            assert!(!earlier.contains(&step.name), "{} occurs twice", step.name);
            for need in step.needs {
                assert!(earlier.contains(need), "{} needs {need}", step.name);
            }
        }
    }
}
