//! rustfmt and clippy of the toolchain that `rust-toolchain.toml` pins.

use crate::invocation::Invocation;
use crate::layout::Layout;

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    let missing = missing_components(layout);
    if missing.is_empty() {
        return Ok(());
    }
    println!("missing: {}", missing.join(", "));
    let mut install = Invocation::of("rustup component add");
    install.arguments.extend(missing.iter().map(|&component| component.to_owned()));
    // A failure shows in what is found afterwards.
    let _ = install.run(layout);
    if missing_components(layout).is_empty() { Ok(()) } else { Err(format!("run `{install}`")) }
}

fn missing_components(layout: &Layout) -> Vec<&'static str> {
    let answers = |line: &str| match Invocation::of(line).answer(layout) {
        Some(answer) => {
            println!("{answer}");
            true
        }
        None => false,
    };
    let wanted = [("rustfmt", "cargo fmt --version"), ("clippy", "cargo clippy --version")];
    wanted.into_iter().filter(|(_, line)| !answers(line)).map(|(component, _)| component).collect()
}
