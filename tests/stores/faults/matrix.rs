//! Every fault at every operation of every kind of server.

use std::sync::Arc;
use std::time::Duration;

use auth_tests::World;
use tokio::time::timeout;

use super::aftermath::{effect_problems, nothing_left_problems, until_it_works};
use super::judge::judge;
use super::postgres::FaultyPostgres;
use super::redis::FaultyRedis;
use super::report::{Cell, Report};
use super::table::{Fault, Operation, Outcome};
use super::target::{MARKER, PASSWORD, Target};
use super::trial::{Answered, Scene, Trial};
use crate::instance::{ADA, GRACE, world};
use crate::log;

#[test]
fn bcl_14_and_sto_05_every_fault_at_every_operation() {
    log::listen();
    let running = [std::thread::spawn(run::<FaultyRedis>), std::thread::spawn(run::<FaultyPostgres>)];
    let reports = running.map(|running| running.join().unwrap());
    let mut cells = 0;
    for report in &reports {
        println!("{}", report.table());
        assert_eq!(report.size(), (Fault::ALL.len(), Fault::ALL.len() * Operation::ALL.len()));
        cells += report.size().1;
    }
    let wrong: usize = reports.iter().map(Report::wrong_cells).sum();
    let (faults, operations, stores) = (Fault::ALL.len(), Operation::ALL.len(), reports.len());
    println!("{faults} faults x {operations} operations x {stores} stores: {cells} cells, {wrong} wrong");
    let problems: Vec<_> = reports.iter().flat_map(Report::wrong).cloned().collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(log::errors() > 0, "somebody listened");
}

fn run<T: Target>() -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(table::<T>())
}

async fn table<T: Target>() -> Report {
    let mut report = Report::new(T::NAME);
    let (mut target, world) = (T::start().await, world().await);
    for fault in Fault::ALL {
        // Of one second only some errors are logged.
        world.clock.advance(1);
        let cells = timeout(GUARD, round(&mut target, &world, fault)).await;
        let cells = cells.unwrap_or_else(|_| panic!("{} of {} does not end", fault.name(), T::NAME));
        report.row(fault.name(), cells);
    }
    report
}

/// One fault: all operations are under way when it begins, and it ends when all are answered.
async fn round<T: Target>(target: &mut T, world: &World, fault: Fault) -> Vec<Cell> {
    target.prepare(fault).await;
    let scene = Scene::new(world.clone(), target.beside().await).await;
    let mut trials = Vec::new();
    for operation in Operation::ALL {
        trials.push(scene.trial(target, operation, fault.patience()).await);
    }
    target.strike(fault).await;
    let gone = all(trials.into_iter().map(|mut trial| async move {
        let answers = trial.go(fault).await;
        (trial, answers)
    }))
    .await;
    target.heal(fault).await;

    // The one before may have lost its connections, or its server.
    let scene = Arc::new(scene.renewed(target.beside().await));
    let recoveries = all(gone.iter().map(|(trial, _)| {
        let (scene, instance) = (Arc::clone(&scene), trial.instance.clone());
        async move { until_it_works(&scene, &instance, T::keeps(fault)).await }
    }))
    .await;
    let mut cells = Vec::new();
    for ((trial, answers), recovery) in gone.iter().zip(recoveries) {
        let (came, mut problems) = outcome::<T>(&scene, fault, trial, answers).await;
        let recovery = recovery.unwrap_or_else(|problem| {
            problems.push(problem);
            Duration::ZERO
        });
        problems.extend(logged(&scene, trial));
        cells.push(Cell { operation: trial.operation, word: came, recovery, problems });
    }
    cells
}

/// Tasks of their own, and what comes of them in their order.
async fn all<O: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = O> + Send + 'static>,
) -> Vec<O> {
    let running: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut outcomes = Vec::new();
    for task in running {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

async fn outcome<T: Target>(
    scene: &Scene,
    fault: Fault,
    trial: &Trial,
    answers: &[Answered],
) -> (&'static str, Vec<String>) {
    let (operation, keeps) = (trial.operation, T::keeps(fault));
    let expected = T::expected(fault)[operation as usize];
    let (mut word, mut problems) = ("", Vec::new());
    for answered in answers {
        match judge(fault, operation, answered) {
            Ok(outcome) => {
                word = outcome.word();
                if !expected.contains(&outcome) {
                    problems.push(format!("{word}, and not one of {expected:?}"));
                }
                let has_begun = operation == Operation::Create && outcome == Outcome::AsUsual;
                if keeps || has_begun {
                    problems.extend(effect_problems(scene, trial, outcome, &answered.answer).await);
                } else {
                    problems.extend(nothing_left_problems(scene, trial).await);
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    (word, problems)
}

/// What the log shows and should not.
fn logged(scene: &Scene, trial: &Trial) -> Vec<String> {
    let mut secrets: Vec<String> = trial.browser.cookies.values().cloned().collect();
    secrets.extend([PASSWORD, MARKER, ADA, GRACE, "sample|"].map(str::to_owned));
    if trial.operation != Operation::Create {
        secrets.push(scene.calm.store_id(&trial.browser).as_str().to_owned());
    }
    log::lines_with(&secrets).into_iter().map(|line| format!("logged: {line}")).collect()
}

/// Against hanging for ever.
const GUARD: Duration = Duration::from_secs(90);
