//! `validate`.

use engine::{Error, Validation};

use super::{Call, Function, Nothing};

pub(super) struct Validate;

impl Function for Validate {
    const NAME: &'static str = "validate";
    const TITLE: &'static str = "Check the schema";
    const DESCRIPTION: &'static str = "Check the Prisma schema, as `prisma validate` does: every mistake \
        with its lines. Needs no database. Changes nothing.";
    type Input = Nothing;
    type Output = Validation;

    async fn run(_input: Nothing, call: Call) -> Result<Self::Output, Error> {
        engine::validate(&call.project, false)
    }
}
