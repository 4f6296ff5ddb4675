//! Every order of events: among instances (`exploration`), and within a process (`schedules`, under `--cfg shuttle`).

mod exploration;
#[cfg(shuttle)]
mod schedules;
