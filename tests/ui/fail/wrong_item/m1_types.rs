//! Types are no handlers, and stay usable.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required]
struct Structure;

#[with_api_auth_required]
enum Enumeration {
    A,
}

#[with_api_auth_required]
union Union {
    a: u8,
}

#[with_api_auth_required]
trait Trait {}

#[with_api_auth_required]
type Alias = Structure;

impl Trait for Structure {}

fn main() {
    let _: Alias = Structure;
    let _ = (Enumeration::A, Union { a: 1 });
}
