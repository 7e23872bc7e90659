//! Emptying the schemas of a database.

use catalog::{literal, quoted};

use crate::{Error, Session};

/// Drops everything in the schemas and leaves them empty, with the owner, the privileges and the
/// comment they had; one that is missing is made. All in one transaction.
///
/// # Errors
/// When the server refuses, or the connection breaks.
pub async fn reset_schemas(session: &Session, schemas: &[String]) -> Result<(), Error> {
    session.ensure_writable().await?;
    let mut script = "BEGIN;\n".to_owned();
    for schema in schemas {
        script.push_str(&reset(schema));
    }
    script.push_str("COMMIT;\n");
    let result = session.run("emptying the schemas", &script).await;
    if let Err(Error::Server { .. }) = &result {
        session.run("rolling back", "ROLLBACK").await?;
    }
    result
}

/// The owner and the privileges are read before the schema goes, and given back as far as the user
/// may: Prisma loses them, after which other users cannot reach the new tables.
fn reset(schema: &str) -> String {
    let (name, text) = (quoted(schema), literal(schema));
    format!(
        "DO $undrift$
DECLARE
    old record;
    granted record;
BEGIN
    SELECT pg_catalog.pg_get_userbyid(nspowner) AS owner, nspacl,
           pg_catalog.obj_description(oid, 'pg_namespace') AS remark
    INTO old FROM pg_catalog.pg_namespace WHERE nspname = {text};
    DROP SCHEMA IF EXISTS {name} CASCADE;
    CREATE SCHEMA {name};
    IF old.remark IS NOT NULL THEN
        EXECUTE pg_catalog.format('COMMENT ON SCHEMA %I IS %L', {text}, old.remark);
    END IF;
    FOR granted IN
        SELECT privilege_type, is_grantable,
               CASE grantee WHEN 0 THEN 'PUBLIC'
                   ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END AS grantee
        FROM pg_catalog.aclexplode(old.nspacl)
    LOOP
        EXECUTE 'GRANT ' || granted.privilege_type || ' ON SCHEMA ' || pg_catalog.quote_ident({text})
            || ' TO ' || granted.grantee
            || CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
    IF old.owner IS NOT NULL THEN
        BEGIN
            EXECUTE pg_catalog.format('ALTER SCHEMA %I OWNER TO %I', {text}, old.owner);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END IF;
END
$undrift$;
"
    )
}
