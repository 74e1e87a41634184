using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>An operator's account as it is printed once: the password is not kept anywhere.</summary>
public sealed record OperatorCredentials(string Email, string Password);

/// <summary>What the command line does before anybody can sign in: tenants, the first operator, a forgotten password. Audited like any change.</summary>
public sealed class Bootstrap
{
    /// <summary>The first operator's address where none is given.</summary>
    public const string DefaultOperatorEmail = "admin@parley.local";

    private const string CreateTenantSql = "select tenant_create(@id, @slug, @name, @demo, @now)";
    private const string FindTenantSql = "select tenant_by_slug(@slug)";
    private const string DeleteTenantSql = "select tenant_delete(@id)";
    private const string MemberIdsSql = "select user_id from memberships";
    private const string OrphanSql = "select user_delete_orphan(@userId)";
    private const string GiveSql = "select workspace_give_to_operators(@tenantId, @now)";
    private const string RolesSql = """
        insert into roles (tenant_id, key, name, permissions, created_at) select @tenantId, key, name, null, @now from unnest(@keys::text[], @names::text[]) as r (key, name)
        on conflict do nothing
        """;
    private const string OperatorsSql = "select * from operator_emails()";
    private const string CreateOperatorSql = "select operator_create(@userId, @email, @name, @hash, @tenantId, @firstOnly, @auditId, @now)";
    private const string ResetSql = "select account_reset(@email, @hash, @now)";

    private readonly TenantDb _db;
    private readonly SystemDb _system;
    private readonly Passwords _passwords;
    private readonly TimeProvider _time;

    internal Bootstrap(TenantDb db, SystemDb system, Passwords passwords, TimeProvider time) =>
        (_db, _system, _passwords, _time) = (db, system, passwords, time);

    /// <summary>Makes a tenant with its built-in roles. Fails with <c>tenant.exists</c> where the slug is taken; run again after a crash it completes what is missing.</summary>
    public async Task<Result<Guid>> CreateTenantAsync(string slug, string name, bool demo, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        var created = await _system.QuerySingleOrDefaultAsync<Guid?>(CreateTenantSql, new { id = Guid.CreateVersion7(now), slug, name, demo, now }, ct);
        if (created is { } id)
        {
            await SeedRolesAsync(id, ct);
            return id;
        }
        return Error.Conflict("tenant.exists", $"There is a workspace {slug} already.");
    }

    /// <summary>Makes the instance's operators owners of a tenant that was made a moment ago; returns how many there are.</summary>
    public async Task<int> GiveToOperatorsAsync(Guid tenantId, CancellationToken ct) =>
        await _system.QuerySingleOrDefaultAsync<int>(GiveSql, new { tenantId, now = _time.GetUtcNow() }, ct);

    /// <summary>The tenant of that slug with its built-in roles, made where it is missing.</summary>
    public async Task<Guid> EnsureTenantAsync(string slug, string name, bool demo, CancellationToken ct)
    {
        if ((await CreateTenantAsync(slug, name, demo, ct)).TryGet(out var created, out _))
        {
            return created;
        }
        var id = await _system.QuerySingleOrDefaultAsync<Guid?>(FindTenantSql, new { slug }, ct)
            ?? throw new InvalidOperationException($"The workspace {slug} is suspended or being deleted.");
        await SeedRolesAsync(id, ct);
        return id;
    }

    /// <summary>Deletes a tenant with everything it holds, and the accounts that belonged to it alone.</summary>
    public async Task DeleteTenantAsync(Guid tenantId, CancellationToken ct)
    {
        var members = await _db.InTransactionAsync(tenantId, session => session.QueryAsync<Guid>(MemberIdsSql), ct);
        await _system.ExecuteAsync(DeleteTenantSql, new { id = tenantId }, ct);
        foreach (var userId in members)
        {
            await _system.ExecuteAsync(OrphanSql, new { userId }, ct);
        }
    }

    /// <summary>Makes the first operator, an owner of the tenant; null where there is one already.</summary>
    public Task<OperatorCredentials?> EnsureFirstOperatorAsync(Guid tenantId, string? email, CancellationToken ct) =>
        CreateAsync(tenantId, Fields.Email(email ?? DefaultOperatorEmail), firstOnly: true, ct);

    /// <summary>Makes another operator, an owner of the tenant.</summary>
    public async Task<Result<OperatorCredentials>> CreateOperatorAsync(Guid tenantId, string email, CancellationToken ct)
    {
        var address = Fields.Email(email);
        return Fields.EmailProblem(address) is { } problem ? Error.Invalid("email", problem)
            : await CreateAsync(tenantId, address, firstOnly: false, ct) is { } made ? made
            : Error.Conflict("operator.exists", "This address has an account already.");
    }

    /// <summary>Gives an account a new password, unlocks it and ends its sessions. Without an address: the only operator's.</summary>
    public async Task<Result<OperatorCredentials>> ResetOperatorAsync(string? email, CancellationToken ct)
    {
        var operators = await _system.QueryAsync<string>(OperatorsSql, null, ct);
        if (email is null && operators.Count != 1)
        {
            return operators.Count == 0
                ? Error.NotFound("operator: start Parley once, it makes the first")
                : Error.Invalid("email", "Give the address of one of the operators: " + string.Join(", ", operators) + ".");
        }
        var address = Fields.Email(email ?? operators[0]);
        var password = Passwords.Generate();
        var account = await _system.QuerySingleOrDefaultAsync<Guid?>(ResetSql,
            new { email = address, hash = await _passwords.HashAsync(password, ct), now = _time.GetUtcNow() }, ct);
        return account is null ? Error.Invalid("email", "There is no account with this address.") : new OperatorCredentials(address, password);
    }

    private async Task<OperatorCredentials?> CreateAsync(Guid tenantId, string email, bool firstOnly, CancellationToken ct)
    {
        // The function decides; this only saves hashing a password at every start.
        if (firstOnly && (await _system.QueryAsync<string>(OperatorsSql, null, ct)).Count > 0)
        {
            return null;
        }
        var now = _time.GetUtcNow();
        var password = Passwords.Generate();
        var made = await _system.QuerySingleOrDefaultAsync<bool>(CreateOperatorSql, new
        {
            userId = Guid.CreateVersion7(now), email, name = "Operator", hash = await _passwords.HashAsync(password, ct),
            tenantId, firstOnly, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return made ? new OperatorCredentials(email, password) : null;
    }

    private Task SeedRolesAsync(Guid tenantId, CancellationToken ct) => _db.InTransactionAsync(tenantId, session => session.ExecuteAsync(RolesSql, new
    {
        tenantId, keys = Permission.BuiltInRoles.Keys.ToArray(), names = Permission.BuiltInRoles.Keys.Select(Capitalise).ToArray(), now = _time.GetUtcNow(),
    }), ct);

    private static string Capitalise(string key) => char.ToUpperInvariant(key[0]) + key[1..];
}
