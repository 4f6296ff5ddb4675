//! What counts depend on beside the source, and what can still be compared when that differs.
//!
//! Our own code, the dependencies included, is the same wherever the compiler is, except that some of it asks
//! what the processor can do. Valgrind answers that, and its answer depends on the machine: one without AVX2
//! has other counts, and nothing can be said of them. The C library chooses its `memcpy` and `memset` in the
//! same way, and they differ from version to version: a seventh of what reading a large session takes is
//! `memset`. So its part is compared only where it is the same one.

use std::fmt;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// With what counts were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Environment {
    /// The compiler's version.
    pub(crate) rustc: String,
    /// What the processor can do as far as code asks for it, as seen under valgrind.
    pub(crate) cpu: String,
    /// The C library and its version.
    pub(crate) libc: String,
    /// Valgrind's version.
    pub(crate) valgrind: String,
}

/// What can be compared. The text says why not the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparable {
    /// Every instruction.
    All,
    /// Those outside of the C library.
    OursAlone(String),
    /// None.
    Nothing(String),
}

impl Environment {
    /// What a benchmark that is started now runs in.
    pub(crate) fn of_this_machine() -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?;
        let this = this.display().to_string();
        Ok(Self {
            rustc: second_word(&answer("rustc", &["--version"])?),
            cpu: answer("valgrind", &["--tool=none", "--quiet", &this, "instructions", "cpu"])?,
            libc: answer("getconf", &["GNU_LIBC_VERSION"])?,
            valgrind: answer("valgrind", &["--version"])?.replace("valgrind-", ""),
        })
    }

    /// What of counts made with this one can be compared with counts made with another.
    pub(crate) fn comparable(&self, other: &Self) -> Comparable {
        if self.rustc != other.rustc {
            let (recorded, here) = (&self.rustc, &other.rustc);
            return Comparable::Nothing(format!(
                "the counts are those of rustc {recorded}, and this is {here}"
            ));
        }
        if self.cpu != other.cpu {
            return Comparable::Nothing(format!(
                "the counts are those of a processor with [{}] under valgrind, and this is one with [{}]",
                self.cpu, other.cpu
            ));
        }
        if (&self.libc, &self.valgrind) != (&other.libc, &other.valgrind) {
            return Comparable::OursAlone(format!(
                "what the C library takes was counted with {} under valgrind {}, and here are {} and {}",
                self.libc, self.valgrind, other.libc, other.valgrind
            ));
        }
        Comparable::All
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rustc, cpu, libc, valgrind } = self;
        write!(f, "rustc {rustc}, {libc}, valgrind {valgrind}, {cpu}")
    }
}

/// What the processor can do, as code that asks at run time is told.
pub(crate) fn cpu() -> String {
    let mut words = vec![std::env::consts::ARCH];
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! push_detected {
            ($($feature:tt)*) => {
                $(if std::is_x86_feature_detected!($feature) {
                    words.push($feature);
                })*
            };
        }
        push_detected!(
            "sse4.1" "sse4.2" "ssse3" "popcnt" "aes" "pclmulqdq" "movbe" "avx" "avx2" "bmi1" "bmi2" "adx"
            "sha" "vaes" "vpclmulqdq" "avx512f" "avx512bw" "avx512vl" "avx512vbmi"
        );
    }
    words.join(" ")
}

fn answer(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("`{program}` does not start: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("`{program}` ended with {}: {reason}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn second_word(text: &str) -> String {
    text.split_whitespace().nth(1).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        let text = |text: &str| text.to_owned();
        Environment {
            rustc: text("1.2.3"),
            cpu: text("x86_64 avx2"),
            libc: text("glibc 2.36"),
            valgrind: text("3.19.0"),
        }
    }

    #[test]
    fn another_c_library_takes_nothing_from_our_own_counts() {
        assert_eq!(environment().comparable(&environment()), Comparable::All);
        for other in [
            Environment { libc: "glibc 2.41".to_owned(), ..environment() },
            Environment { valgrind: "3.25.1".to_owned(), ..environment() },
        ] {
            let comparable = environment().comparable(&other);
            assert!(
                matches!(&comparable, Comparable::OursAlone(reason) if reason.contains(&other.libc)),
                "{comparable:?}"
            );
        }
    }

    #[test]
    fn nothing_is_said_of_another_compiler_or_processor() {
        for other in [
            Environment { rustc: "1.2.4".to_owned(), ..environment() },
            Environment { cpu: "x86_64".to_owned(), ..environment() },
        ] {
            assert!(matches!(environment().comparable(&other), Comparable::Nothing(_)), "{other}");
        }
    }
}
