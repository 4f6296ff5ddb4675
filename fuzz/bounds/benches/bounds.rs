//! What the largest inputs from outside may cost: for each shape that an attacker would choose, the instructions and the
//! allocated bytes of the one call that takes the input, or refuses it. Both are counted under valgrind, where the noise of
//! a machine does not touch them. The run fails where a budget is exceeded.
//!
//! A budget is about a third above what was counted when it was written, in round numbers: it holds on other processors and
//! with other compilers too, and it breaks when a cost begins to grow faster than its input.

use std::hint::black_box;

use auth_bounds::Call;
use gungraun::{
    Callgrind, Dhat, DhatMetric, EventKind, LibraryBenchmarkConfig, library_benchmark,
    library_benchmark_group, main,
};

/// So many instructions, and so many bytes allocated, at most.
fn within(instructions: u64, bytes: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.format([EventKind::Ir]).hard_limits([(EventKind::Ir, instructions)]);
    // Through a router the stack is deep, and what is allocated counts only if the measured function is found on it.
    let mut dhat = Dhat::with_args(["--num-callers=200"]);
    dhat.format([DhatMetric::TotalBytes]).hard_limits([(DhatMetric::TotalBytes, bytes)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind).tool(dhat);
    config
}

#[library_benchmark(setup = auth_bounds::cookies::refused)]
#[bench::algorithm(args = ("algorithm"), config = within(83_000, 150_000))]
#[bench::chunks(args = ("chunks"), config = within(2_500_000, 3_900))]
#[bench::connections(args = ("connections"), config = within(960_000, 1_900))]
#[bench::header(args = ("header"), config = within(72_000, 120_000))]
#[bench::illegal(args = ("illegal"), config = within(500_000, 270_000))]
#[bench::others(args = ("others"), config = within(90_000, 1_000))]
#[bench::percent(args = ("percent"), config = within(1_500_000, 150_000))]
#[bench::separators(args = ("separators"), config = within(950_000, 1_000))]
#[bench::tag(args = ("tag"), config = within(1_300_000, 380_000))]
#[bench::twins(args = ("twins"), config = within(140_000, 6_000))]
fn refused_cookies(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::cookies::authentic)]
#[bench::members(args = ("members"), config = within(3_600_000, 270_000))]
#[bench::names(args = ("names"), config = within(67_000_000, 860_000))]
#[bench::nested(args = ("nested"), config = within(4_400_000, 270_000))]
#[bench::arrays(args = ("arrays"), config = within(4_800_000, 270_000))]
#[bench::text(args = ("text"), config = within(2_300_000, 270_000))]
fn session(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::cookies::too_long)]
#[bench::members(args = ("members"), config = within(62_000, 2_700))]
fn longer_session(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::tokens::id_token)]
#[bench::members(args = ("members"), config = within(23_000_000, 2_200_000))]
#[bench::names(args = ("names"), config = within(23_500_000, 1_300_000))]
#[bench::nested(args = ("nested"), config = within(16_000_000, 460_000))]
#[bench::arrays(args = ("arrays"), config = within(16_000_000, 350_000))]
#[bench::text(args = ("text"), config = within(9_900_000, 350_000))]
#[bench::twice(args = ("twice"), config = within(20_000_000, 2_000_000))]
#[bench::unsigned(args = ("unsigned"), config = within(5_400_000, 120_000))]
#[bench::too_long(args = ("too_long"), config = within(1_000, 1_000))]
fn id_token(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::tokens::logout_token)]
#[bench::members(args = ("members"), config = within(3_500_000, 250_000))]
#[bench::names(args = ("names"), config = within(3_600_000, 140_000))]
#[bench::nested(args = ("nested"), config = within(2_400_000, 34_000))]
#[bench::arrays(args = ("arrays"), config = within(2_200_000, 21_000))]
#[bench::text(args = ("text"), config = within(1_800_000, 21_000))]
#[bench::twice(args = ("twice"), config = within(3_400_000, 250_000))]
#[bench::unsigned(args = ("unsigned"), config = within(1_400_000, 18_000))]
#[bench::too_long(args = ("too_long"), config = within(1_000, 1_000))]
fn logout_token(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::tokens::key_by_key)]
#[bench::each(args = ("each"), config = within(20_000_000, 54_000))]
fn keys(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::tokens::claims)]
#[bench::members(args = ("members"), config = within(8_400_000, 270_000))]
#[bench::names(args = ("names"), config = within(6_500_000, 270_000))]
#[bench::nested(args = ("nested"), config = within(6_900_000, 270_000))]
#[bench::text(args = ("text"), config = within(3_700_000, 270_000))]
#[bench::too_long(args = ("too_long"), config = within(190_000, 1_000))]
fn claims(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::tokens::key_set)]
#[bench::tiny_keys(args = ("tiny_keys"), config = within(41_000_000, 5_700_000))]
#[bench::large_keys(args = ("large_keys"), config = within(5_500_000, 660_000))]
#[bench::members_of_a_key(args = ("members_of_a_key"), config = within(21_000_000, 1_000))]
#[bench::members(args = ("members"), config = within(15_000_000, 1_000))]
#[bench::names(args = ("names"), config = within(13_000_000, 1_000))]
#[bench::nested(args = ("nested"), config = within(13_000_000, 1_000))]
#[bench::text(args = ("text"), config = within(4_100_000, 1_000))]
fn key_set(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::answers::tokens)]
#[bench::members(args = ("members"), config = within(240_000_000, 30_000_000))]
#[bench::names(args = ("names"), config = within(295_000_000, 16_000_000))]
#[bench::nested(args = ("nested"), config = within(130_000_000, 2_500_000))]
#[bench::text(args = ("text"), config = within(72_000_000, 660_000))]
fn token_answer(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::answers::exchange)]
#[bench::members(args = ("members"), config = within(120_000_000, 15_000_000))]
fn exchange_answer(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::answers::pushed)]
#[bench::members(args = ("members"), config = within(150_000_000, 15_000_000))]
fn pushed_answer(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::answers::refusal)]
#[bench::description(args = ("description"), config = within(150_000_000, 1_900_000))]
#[bench::members(args = ("members"), config = within(300_000_000, 30_000_000))]
#[bench::names(args = ("names"), config = within(435_000_000, 30_000_000))]
fn refusal(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::answers::metadata)]
#[bench::endpoint(args = ("endpoint"), config = within(130_000_000, 12_000_000))]
#[bench::members(args = ("members"), config = within(57_000_000, 1_000))]
#[bench::names(args = ("names"), config = within(52_000_000, 1_000))]
#[bench::nested(args = ("nested"), config = within(50_000_000, 1_000))]
#[bench::text(args = ("text"), config = within(17_000_000, 1_000))]
fn metadata(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::transactions::return_to)]
#[bench::segments(args = ("segments"), config = within(410_000, 2_900))]
#[bench::slashes(args = ("slashes"), config = within(80_000, 2_900))]
#[bench::encoded(args = ("encoded"), config = within(230_000, 16_000))]
#[bench::to_encode(args = ("to_encode"), config = within(230_000, 20_000))]
#[bench::backslashes(args = ("backslashes"), config = within(410_000, 2_900))]
#[bench::too_long(args = ("too_long"), config = within(1_000, 1_000))]
fn return_to(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::transactions::forgotten)]
#[bench::unique(args = ("unique"), config = within(470_000, 47_000))]
#[bench::twice(args = ("twice"), config = within(50_000, 1_000))]
#[bench::no_state(args = ("no_state"), config = within(4_000_000, 1_000))]
fn forgotten_transactions(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::transactions::recalled)]
#[bench::members(args = ("members"), config = within(38_000_000, 420_000))]
#[bench::names(args = ("names"), config = within(160_000_000, 1_500_000))]
#[bench::nested(args = ("nested"), config = within(41_000_000, 420_000))]
#[bench::text(args = ("text"), config = within(17_000_000, 420_000))]
#[bench::percent(args = ("percent"), config = within(1_900_000, 200_000))]
#[bench::forged(args = ("forged"), config = within(3_700_000, 400_000))]
fn recalled_transaction(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::stored::record)]
#[bench::members(args = ("members"), config = within(110_000_000, 2_900_000))]
#[bench::names(args = ("names"), config = within(1_200_000_000, 13_000_000))]
#[bench::nested(args = ("nested"), config = within(140_000_000, 2_900_000))]
#[bench::arrays(args = ("arrays"), config = within(160_000_000, 2_900_000))]
#[bench::text(args = ("text"), config = within(54_000_000, 2_900_000))]
fn record(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::stored::sealed)]
#[bench::key(args = ("key"), config = within(15_000_000, 4_300_000))]
#[bench::other(args = ("other"), config = within(11_000_000, 1_500_000))]
fn sealed_value(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::stored::refresh_entry)]
#[bench::outcomes(args = ("outcomes"), config = within(12_000_000, 2_300_000))]
#[bench::scopes(args = ("scopes"), config = within(50_000_000, 1_700_000))]
#[bench::text(args = ("text"), config = within(5_100_000, 240_000))]
fn refresh_entry(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::stored::revocation)]
#[bench::digits(args = ("digits"), config = within(4_400_000, 4_300_000))]
#[bench::spaces(args = ("spaces"), config = within(4_400_000, 4_300_000))]
fn revocation(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::requests::query)]
#[bench::login_tiny(args = ("login:tiny"), config = within(15_000_000, 26_000))]
#[bench::login_percent(args = ("login:percent"), config = within(11_000_000, 190_000))]
#[bench::login_return_to(args = ("login:return_to"), config = within(2_400_000, 53_000))]
#[bench::login_places(args = ("login:places"), config = within(6_500_000, 33_000))]
#[bench::callback_tiny(args = ("callback:tiny"), config = within(15_000_000, 24_000))]
#[bench::callback_states(args = ("callback:states"), config = within(180_000, 24_000))]
#[bench::callback_state(args = ("callback:state"), config = within(2_500_000, 52_000))]
#[bench::logout_tiny(args = ("logout:tiny"), config = within(15_000_000, 16_000))]
#[bench::logout_percent(args = ("logout:percent"), config = within(11_000_000, 180_000))]
#[bench::logout_return_to(args = ("logout:return_to"), config = within(2_400_000, 70_000))]
#[bench::logout_places(args = ("logout:places"), config = within(5_100_000, 16_000))]
fn query(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::requests::form)]
#[bench::tiny(args = ("tiny"), config = within(16_000_000, 15_000))]
#[bench::percent(args = ("percent"), config = within(12_000_000, 200_000))]
#[bench::token(args = ("token"), config = within(15_000_000, 56_000))]
#[bench::too_large(args = ("too_large"), config = within(23_000, 15_000))]
fn form(call: &'static Call) -> bool {
    black_box(call.run())
}

#[library_benchmark(setup = auth_bounds::requests::header)]
#[bench::accept(args = ("accept"), config = within(140_000, 14_000))]
#[bench::forwarded(args = ("forwarded"), config = within(140_000, 14_000))]
#[bench::host(args = ("host"), config = within(140_000, 14_000))]
#[bench::origin(args = ("origin"), config = within(130_000, 9_700))]
#[bench::referer(args = ("referer"), config = within(120_000, 8_600))]
#[bench::x_forwarded_for(args = ("x-forwarded-for"), config = within(140_000, 14_000))]
#[bench::x_forwarded_host(args = ("x-forwarded-host"), config = within(140_000, 14_000))]
#[bench::x_forwarded_proto(args = ("x-forwarded-proto"), config = within(140_000, 14_000))]
fn header(call: &'static Call) -> bool {
    black_box(call.run())
}

library_benchmark_group!(name = cookies, benchmarks = [refused_cookies, session, longer_session]);
library_benchmark_group!(name = tokens, benchmarks = [id_token, logout_token, keys, claims, key_set]);
library_benchmark_group!(
    name = answers,
    benchmarks = [token_answer, exchange_answer, pushed_answer, refusal, metadata]
);
library_benchmark_group!(
    name = transactions,
    benchmarks = [return_to, forgotten_transactions, recalled_transaction]
);
library_benchmark_group!(name = stored, benchmarks = [record, sealed_value, refresh_entry, revocation]);
library_benchmark_group!(name = requests, benchmarks = [query, form, header]);

main!(library_benchmark_groups = [cookies, tokens, answers, transactions, stored, requests]);
