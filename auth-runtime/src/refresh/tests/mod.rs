//! Every order of events: among instances (`exploration`), and within a process (`schedules`, under `--cfg shuttle`). And
//! how often chance lets instances send a token twice (`simulation`).

mod exploration;
#[cfg(shuttle)]
mod schedules;
#[cfg(not(shuttle))]
mod simulation;
