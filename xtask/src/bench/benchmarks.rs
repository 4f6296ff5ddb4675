//! What is measured, in which order. This file is the list; nothing here runs anything.

use crate::args::Effort;
use crate::prepare::Preparation;

/// A command of the package of benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Benchmark {
    /// The command, and what `--only` may say.
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    /// The figures that it gives, without what stands in brackets behind them.
    pub(crate) figures: &'static [&'static str],
    quick: &'static str,
    full: &'static str,
    pub(crate) runs: Runs,
    pub(crate) needs: &'static [Preparation],
}

/// In which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    CountingAllocations,
    WithTheDefault,
    WithBoth,
}

impl Benchmark {
    /// What stands behind the command's name.
    pub(crate) fn arguments(&self, effort: Effort) -> &'static str {
        match effort {
            Effort::Quick => self.quick,
            Effort::Full => self.full,
        }
    }

    /// Returns whether `--only` means this one: by its name, or by that of a figure.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let figure = name.split('[').next().unwrap_or(name);
        self.name == name || self.figures.contains(&figure)
    }
}

/// Everything in the report.
pub(crate) const BENCHMARKS: [Benchmark; 9] = [
    Benchmark {
        name: "micro",
        purpose: "reading and writing one session, beside the floor",
        figures: &[
            "authenticate/floor",
            "authenticate/growth",
            "reject/authenticate",
            "seal/floor",
            "user/floor",
        ],
        quick: "60",
        full: "400",
        runs: Runs::WithBoth,
        needs: &[],
    },
    Benchmark {
        name: "allocations",
        purpose: "what a protected request allocates",
        figures: &["allocated", "allocations"],
        quick: "",
        full: "",
        runs: Runs::CountingAllocations,
        needs: &[],
    },
    Benchmark {
        name: "alternatives",
        purpose: "other crates of Rust, with the same session",
        figures: &["authenticate/alternative", "authenticate/opaque"],
        quick: "40",
        full: "300",
        runs: Runs::WithTheDefault,
        needs: &[],
    },
    Benchmark {
        name: "npm-get",
        purpose: "the npm package's `get` of the same cookies",
        figures: &["npm-get/authenticate"],
        quick: "20",
        full: "100",
        runs: Runs::WithTheDefault,
        needs: &[Preparation::Node, Preparation::NpmPackages],
    },
    Benchmark {
        name: "protection",
        purpose: "a server on one core, a handler with the attribute and without",
        figures: &[
            "garbage/protected",
            "protected/unprotected",
            "server/busy",
            "server/cpu-per-request",
            "server/p50",
            "server/p99",
            "server/p99.9",
        ],
        quick: "5 1",
        full: "9 3",
        runs: Runs::WithBoth,
        needs: &[Preparation::Wrk],
    },
    Benchmark {
        name: "redis",
        purpose: "sessions in Redis, beside tower-sessions with its store for it",
        figures: &[
            "redis/busy",
            "redis/cpu-of-redis",
            "redis/cpu-per-request",
            "redis/p50",
            "redis/p99",
            "redis/tower-sessions",
        ],
        quick: "5 1",
        full: "15 2",
        runs: Runs::WithTheDefault,
        needs: &[Preparation::Wrk, Preparation::Redis],
    },
    Benchmark {
        name: "beside-node",
        purpose: "the same answer from Node's servers",
        figures: &["server/next-route", "server/node-http-get"],
        quick: "3 1",
        full: "5 4",
        runs: Runs::WithTheDefault,
        needs: &[Preparation::Node, Preparation::NpmPackages, Preparation::BenchPeers, Preparation::Wrk],
    },
    Benchmark {
        name: "storm",
        purpose: "10,000 requests of 1,000 sessions whose tokens have expired",
        figures: &["storm/p99", "storm/token-requests"],
        quick: "",
        full: "",
        runs: Runs::WithTheDefault,
        needs: &[],
    },
    Benchmark {
        name: "memory",
        purpose: "resident memory under load",
        figures: &["memory/growth"],
        quick: "1000000",
        full: "10000000",
        runs: Runs::WithTheDefault,
        needs: &[Preparation::Wrk],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_is_found_by_its_name_and_by_each_of_its_figures() {
        let called = |name| {
            BENCHMARKS.iter().filter(|one| one.is_called(name)).map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(called("micro"), ["micro"]);
        assert_eq!(called("authenticate/floor[aes-gcm,3kB]"), ["micro"]);
        assert_eq!(called("memory/growth"), ["memory"]);
        assert!(called("authenticate").is_empty());
        for benchmark in BENCHMARKS {
            for name in benchmark.figures {
                assert_eq!(called(name), [benchmark.name], "{name}");
            }
        }
    }
}
