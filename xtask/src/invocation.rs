//! One child process as data: it can be listed and tested before it is run.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::layout::Layout;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(&'static str, OsString)>,
    /// The workspace's root unless said otherwise.
    pub(crate) folder: Option<PathBuf>,
}

impl Invocation {
    /// A command line without quoting: none of ours has a space inside an argument.
    pub(crate) fn of(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        Self {
            program: words.next().unwrap_or_default(),
            arguments: words.collect(),
            variables: Vec::new(),
            folder: None,
        }
    }

    pub(crate) fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    pub(crate) fn in_folder(mut self, folder: PathBuf) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Runs it with our own input and output. The error is a sentence for the summary.
    pub(crate) fn run(&self, layout: &Layout) -> Result<(), String> {
        println!("$ {self}");
        let status = self.command(layout).status().map_err(|error| self.not_started(&error))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", self.program)) }
    }

    /// Runs it unseen and gives what it wrote to standard output; `None` if it is not there or fails.
    pub(crate) fn answer(&self, layout: &Layout) -> Option<String> {
        let output = self.command(layout).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs it with our own standard error, and gives what it wrote to standard output.
    pub(crate) fn listen(&self, layout: &Layout) -> Result<String, String> {
        println!("$ {self}");
        let mut command = self.command(layout);
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| self.not_started(&error))?;
        if !output.status.success() {
            return Err(format!("`{}` ended with {}", self.program, output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it, and gives how it ended with what it wrote to standard error.
    pub(crate) fn overhear(&self, layout: &Layout) -> Result<(Result<(), String>, String), String> {
        println!("$ {self}");
        let output = self.command(layout).stdin(Stdio::null()).stdout(Stdio::null()).output();
        let output = output.map_err(|error| self.not_started(&error))?;
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let end =
            if output.status.success() { Ok(()) } else { Err(format!("it ended with {}", output.status)) };
        Ok((end, log))
    }

    fn command(&self, layout: &Layout) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(self.folder.as_ref().unwrap_or(&layout.root))
            .env("PATH", layout.search_path())
            .env("CARGO_TARGET_DIR", &layout.target)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn not_started(&self, error: &std::io::Error) -> String {
        format!("`{}` could not be started: {error}; is it installed?", self.program)
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}={:?} ", value.to_string_lossy())?;
        }
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_as_one_would_type_it() {
        let invocation =
            Invocation::of("cargo doc --no-deps").env("RUSTDOCFLAGS", "-D warnings").arg("--workspace");
        assert_eq!(invocation.to_string(), r#"RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace"#);
    }

    #[test]
    fn a_program_that_is_not_there_has_no_answer_and_a_reason() {
        let layout = Layout::at(std::path::Path::new("."), None);
        let invocation = Invocation::of("no-such-program-anywhere --version");
        assert_eq!(invocation.answer(&layout), None);
        let reason = invocation.run(&layout).expect_err("it cannot start");
        assert!(reason.contains("no-such-program-anywhere"), "{reason}");
    }
}
