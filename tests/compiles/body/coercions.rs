//! The body's type is the declared one from the start: values coerce to it, and `?` converts errors.

use auth_runtime::with_api_auth_required;

type Boxed = Box<dyn std::error::Error + Send + Sync>;

#[with_api_auth_required]
async fn question_mark(text: String) -> Result<u64, Boxed> {
    let number = text.parse()?;
    if number == 0 {
        return Err("zero".into());
    }
    Ok(number)
}

#[with_api_auth_required]
async fn coerced() -> Result<Option<&'static (dyn std::fmt::Debug + Sync)>, Box<dyn std::fmt::Debug + Send>> {
    if user.sub().is_empty() {
        return Err(Box::new("nobody"));
    }
    Ok(Some(&1_u8))
}

#[with_api_auth_required]
async fn inferred(text: String) -> Result<Vec<u8>, std::num::ParseIntError> {
    text.split(',').map(str::parse).collect()
}

#[test]
fn compiles() {
    let _ = (question_mark, coerced, inferred);
}
