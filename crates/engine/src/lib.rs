//! Use cases as functions, plain data in and out: validate, diff, status, deploy, snapshot.
