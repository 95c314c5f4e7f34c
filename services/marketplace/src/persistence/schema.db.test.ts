import { randomUUID } from 'node:crypto';
import { sqlState, violatedConstraint } from '@weft/database';
import { describe, expect, it } from 'vitest';
import { MEMBER_ROLES } from '../domain/member.js';
import { TOKEN_SCOPES } from '../domain/personal-token.js';
import { RUNTIMES } from '../domain/service-version.js';
import { SERVICE_VERSION_STATES } from '../domain/service-version-lifecycle.js';
import { PLATFORM_ROLES } from '../domain/user.js';
import { testTables } from '../testing/test-tables.js';
import { entities } from './schema.js';

const database = await testTables();

describe('the tables', () => {
  it('have the columns, types and keys that the mappings say', async () => {
    const wanted = entities.flatMap((entity) => {
      const { columns } = database.dataSource.getMetadata(entity);
      return columns.map((column) => [
        column.entityMetadata.tableName,
        column.databaseName,
        `${column.type as string}${column.isArray ? '[]' : ''}`,
        column.isNullable,
        column.isPrimary,
      ]);
    });
    const real = await database.query<{ row: unknown[] }>(`
      select json_build_array(c.relname, a.attname, replace(format_type(a.atttypid, null), 'timestamp with time zone', 'timestamptz'),
        not a.attnotnull, coalesce(a.attnum = any (p.conkey), false)) as row
      from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
        and c.relname not in ('outbox', 'told_stream', 'inbox', 'dead_letter', 'migrations')`);
    const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    expect(sorted(real.map((one) => one.row))).toEqual(sorted(wanted));
  });

  it('have the unique constraints and foreign keys that the mappings name', async () => {
    const wanted = entities.flatMap((entity) => {
      const { uniques, foreignKeys } = database.dataSource.getMetadata(entity);
      return [...uniques.map((one) => one.name), ...foreignKeys.map((one) => one.name)];
    });
    const real = await database.query<{ name: string }>(
      `select conname as name from pg_constraint where contype in ('u', 'f') and connamespace = 'public'::regnamespace`,
    );
    expect(real.map((one) => one.name).sort()).toEqual(wanted.sort());
  });

  it('admit the values of the domain and no others', async () => {
    const user = randomUUID();
    const organization = randomUUID();
    const service = randomUUID();
    const refusedBy = async (statement: string, values: unknown[]): Promise<string | undefined> => {
      try {
        await database.query(statement, values);
        return undefined;
      } catch (error) {
        expect(sqlState(error)).toBe('23514');
        return violatedConstraint(error);
      }
    };
    const insertUser = (id: string, roles: readonly string[]) =>
      refusedBy('insert into "user" (id, name, roles) values ($1::uuid, $1::uuid::text, $2)', [id, roles]);
    expect(await insertUser(user, PLATFORM_ROLES)).toBeUndefined();
    expect(await insertUser(randomUUID(), ['root'])).toBe('user_roles_check');

    await database.query('insert into organization (id, name) values ($1::uuid, $1::uuid::text)', [
      organization,
    ]);
    for (const role of MEMBER_ROLES) {
      const member = randomUUID();
      await insertUser(member, []);
      expect(
        await refusedBy('insert into member values ($1, $2, $3)', [organization, member, role]),
      ).toBeUndefined();
    }
    expect(await refusedBy('insert into member values ($1, $2, $3)', [organization, user, 'ADMIN'])).toBe(
      'member_role_check',
    );

    const insertToken = (scopes: readonly string[], hash: string) =>
      refusedBy(
        'insert into personal_token (id, user_id, name, hash, scopes) values (gen_random_uuid(), $1, $2, $3, $4)',
        [user, 'n', hash, scopes],
      );
    expect(await insertToken(TOKEN_SCOPES, 'a'.repeat(64))).toBeUndefined();
    expect(await insertToken([], 'b'.repeat(64))).toBe('personal_token_scopes_check');
    expect(await insertToken(['all'], 'b'.repeat(64))).toBe('personal_token_scopes_check');
    expect(await insertToken(['read'], 'weft_in-the-clear')).toBe('personal_token_hash_check');

    await database.query(`insert into service values ($1, $2, 'solver', '', $3)`, [
      service,
      organization,
      user,
    ]);
    const insertVersion = (lifecycle: string, runtime: string, publishedAt: Date | null) =>
      refusedBy(
        `insert into service_version (id, service_id, version, description, lifecycle, code_artifact_id, runtime, seq, published_at)
         values (gen_random_uuid(), $1, gen_random_uuid()::text, '', $2, 'a', $3, 1, $4)`,
        [service, lifecycle, runtime, publishedAt],
      );
    for (const state of SERVICE_VERSION_STATES) {
      for (const runtime of RUNTIMES) {
        expect(
          await insertVersion(state, runtime, state === 'PUBLISHED' ? new Date() : null),
        ).toBeUndefined();
      }
    }
    expect(await insertVersion('RETIRED', 'NODEJS', null)).toBe('service_version_lifecycle_check');
    expect(await insertVersion('CREATED', 'RUBY', null)).toBe('service_version_runtime_check');
    expect(await insertVersion('PUBLISHED', 'NODEJS', null)).toBe('service_version_published_check');
    expect(await insertVersion('CREATED', 'NODEJS', new Date())).toBe('service_version_published_check');
  });
});
