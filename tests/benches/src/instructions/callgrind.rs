//! From what gungraun and callgrind write to a name and a count.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::about;
use super::record::Count;

/// The count of one benchmark, from gungraun's summary of it. The name is written like those of the other
/// figures: `authenticate[aes-gcm,3kB]`.
pub(crate) fn count(summary: &str) -> Result<(String, Count), String> {
    let summary: Summary =
        serde_json::from_str(summary).map_err(|error| format!("gungraun's summary: {error}"))?;
    let name = summary.name();
    let all = summary.all().ok_or_else(|| format!("{name}: gungraun's summary has no count"))?;
    let file = summary.profile()?;
    let text = fs::read_to_string(&file).map_err(about(&file))?;
    let count = Count::of(&text, &summary.benchmark_exe.display().to_string());
    // Both read the same file, so a difference means that it is not understood here.
    if count.all != all || count.ours == 0 {
        return Err(format!(
            "{}: {} instructions, {} of them ours, instead of {all}",
            file.display(),
            count.all,
            count.ours
        ));
    }
    Ok((name, count))
}

#[derive(Deserialize)]
struct Summary {
    benchmark_exe: PathBuf,
    function_name: String,
    /// The cipher, as an identifier.
    group: String,
    /// The size, or the kind, as an identifier.
    id: String,
    output_dir: PathBuf,
    profiles: Value,
    project_root: PathBuf,
}

impl Summary {
    fn name(&self) -> String {
        let cipher = self.group.replace('_', "-");
        let size = self.id.trim_start_matches("of_").replace("kb", "kB");
        format!("{}[{cipher},{size}]", self.function_name)
    }

    fn all(&self) -> Option<u64> {
        self.profiles.pointer("/0/data/total/metrics/Ir/values/new")?.as_u64()
    }

    /// The file that callgrind wrote.
    fn profile(&self) -> Result<PathBuf, String> {
        let folder = self.project_root.join(&self.output_dir);
        let is_profile = |path: &Path| path.extension().is_some_and(|extension| extension == "out");
        let files = fs::read_dir(&folder).map_err(about(&folder))?;
        let mut profiles = files.flatten().map(|entry| entry.path()).filter(|path| is_profile(path));
        match (profiles.next(), profiles.next()) {
            (Some(profile), None) => Ok(profile),
            _ => Err(format!("{}: one file of callgrind was expected", folder.display())),
        }
    }
}

impl Count {
    /// Adds up what callgrind's format says: a line with a number is a cost of the object that the last `ob=`
    /// named, except for the one behind `calls=`, which repeats what the called function costs.
    fn of(profile: &str, ours: &str) -> Self {
        let mut costs = Self { ours: 0, all: 0 };
        let (mut is_ours, mut is_call) = (false, false);
        for line in profile.lines() {
            if let Some(object) = line.strip_prefix("ob=") {
                is_ours = object == ours;
            } else if line.starts_with("calls=") {
                is_call = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
                let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
                if !std::mem::take(&mut is_call) {
                    costs.all += cost;
                    costs.ours += if is_ours { cost } else { 0 };
                }
            }
        }
        costs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_counted_where_it_is_spent() {
        let profile = "# callgrind format\nversion: 1\nevents: Ir Dr\nsummary: 42 5\n\n\n\
                       ob=/lib/ld.so\nfl=???\nfn=0x1\ncob=/target/bench\ncfn=main\ncalls=1 7 \n0 42 5\n\n\
                       ob=/target/bench\nfl=a.rs\nfn=main\n7 20 3\nfi=b.rs\n9 2\n\
                       cob=/lib/libc.so\ncfn=memset\ncalls=2 0 \n9 17 1\n+1 3 1\n\n\
                       ob=/lib/libc.so\nfn=memset\n0 17 1\n";
        assert_eq!(Count::of(profile, "/target/bench"), Count { ours: 25, all: 42 });
        assert_eq!(Count::of(profile, "/elsewhere/bench"), Count { ours: 0, all: 42 });
    }

    #[test]
    fn a_benchmark_is_named_as_the_other_figures_are() {
        let summary = r#"{"benchmark_exe":"/target/bench","output_dir":"/target/out","other":1,
            "project_root":"/project","group":"aes_gcm","id":"of_36kb","function_name":"authenticate",
            "profiles":[{"data":{"total":{"metrics":{"Ir":{"values":{"new":42,"old":41}}}}}}]}"#;
        let summary: Summary = serde_json::from_str(summary).expect("a summary");
        assert_eq!(summary.name(), "authenticate[aes-gcm,36kB]");
        assert_eq!(summary.all(), Some(42));
    }

    #[test]
    fn what_is_no_summary_is_refused() {
        assert!(count("{}").is_err() && count("running 3 tests").is_err());
    }
}
