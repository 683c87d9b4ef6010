-- For an administrator of the server, when the owner of the database lacks
-- CREATEROLE:
--
--     psql -v ON_ERROR_STOP=1 -d DATABASE -f roles.sql
--
-- It makes the roles, which are of the whole server, and, in a database that has
-- been migrated, gives them their rights. Running it again changes nothing.

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['licenseledger_owner', 'licenseledger_ingress', 'licenseledger_worker', 'licenseledger_mailer', 'licenseledger_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

SELECT 'CALL grant_rights()' WHERE to_regprocedure('grant_rights()') IS NOT NULL
\gexec
