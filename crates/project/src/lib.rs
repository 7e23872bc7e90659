//! What a Prisma project is on disk: schema files, config, environment files, migrations folder.
