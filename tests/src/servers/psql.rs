//! A session of `psql` that stays open.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

/// What was done in it and not committed is undone when this is dropped.
#[derive(Debug)]
pub struct PostgresSession {
    psql: Child,
}

impl PostgresSession {
    /// Returns when the statements were run.
    pub(super) fn open(mut psql: Command, statements: &str) -> Self {
        psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = psql.spawn().expect("psql was found before");
        let input = psql.stdin.as_mut().expect("it is piped");
        writeln!(input, "{statements};\n\\echo {DONE}").expect("psql reads");
        let output = BufReader::new(psql.stdout.as_mut().expect("it is piped"));
        let is_done = output.lines().map_while(Result::ok).any(|line| line == DONE);
        assert!(is_done, "psql has ended: {statements}");
        Self { psql }
    }
}

impl Drop for PostgresSession {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}

const DONE: &str = "done-6f1c2a";
