using Dapper;
using Npgsql;

namespace Parley.Platform.Data;

/// <summary>One transaction of one tenant. SQL parameters are Dapper's (<c>@name</c>); the tenant's id is always given as <c>@tenantId</c> by the caller where a statement writes it.</summary>
public sealed class TenantSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly CancellationToken _ct;
    private List<Action>? _committed;
    private List<Func<TenantSession, Task>>? _last;

    internal TenantSession(Guid tenantId, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        TenantId = tenantId;
        _connection = connection;
        _transaction = transaction;
        _ct = ct;
    }

    /// <summary>Whose rows this session sees.</summary>
    public Guid TenantId { get; }

    internal bool Started { get; private set; }

    /// <summary>Returns the rows.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args = null)
    {
        var rows = await _connection.QueryAsync<T>(Command(sql, args));
        Started = true;
        return rows.AsList();
    }

    /// <summary>The texts of one column, one after the other and never all in memory: for whoever reads a whole table. Read it to its end.</summary>
    public async IAsyncEnumerable<string> StreamAsync(string sql, object? args = null)
    {
        await using var reader = await _connection.ExecuteReaderAsync(Command(sql, args));
        Started = true;
        while (await reader.ReadAsync(_ct))
        {
            yield return reader.GetString(0);
        }
    }

    /// <summary>Returns the only row, or the default (null) where there is none.</summary>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? args = null)
    {
        var row = await _connection.QuerySingleOrDefaultAsync<T>(Command(sql, args));
        Started = true;
        return row;
    }

    /// <summary>Returns the only row; none or two are a bug and throw.</summary>
    public async Task<T> QuerySingleAsync<T>(string sql, object? args = null)
    {
        var row = await _connection.QuerySingleAsync<T>(Command(sql, args));
        Started = true;
        return row;
    }

    /// <summary>Several results of one round trip, for hot paths.</summary>
    public async Task<T> QueryMultipleAsync<T>(string sql, object? args, Func<SqlMapper.GridReader, Task<T>> read)
    {
        await using var results = await _connection.QueryMultipleAsync(Command(sql, args));
        Started = true;
        return await read(results);
    }

    /// <summary>Returns how many rows were touched.</summary>
    public async Task<int> ExecuteAsync(string sql, object? args = null)
    {
        var rows = await _connection.ExecuteAsync(Command(sql, args));
        Started = true;
        return rows;
    }

    /// <summary>Several statements in one round trip; parameters are positional (<c>$1</c>). For hot paths.</summary>
    public async Task ExecuteBatchAsync(IEnumerable<NpgsqlBatchCommand> commands)
    {
        await using var batch = new NpgsqlBatch(_connection, _transaction);
        if (!Started)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(SetTenant));
        }
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }
        await batch.ExecuteNonQueryAsync(_ct);
        Started = true;
    }

    /// <summary>Runs as the last statement before the commit: a lock that is to be held for that moment only. The same one runs once.</summary>
    public void BeforeCommit(Func<TenantSession, Task> last)
    {
        _last ??= [];
        if (!_last.Contains(last))
        {
            _last.Add(last);
        }
    }

    /// <summary>Runs after the commit, in order, on the committing thread: wake a dispatcher, a feed. Must be quick and not throw.</summary>
    public void OnCommitted(Action action) => (_committed ??= []).Add(action);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    internal async Task CommitAsync(CancellationToken ct)
    {
        foreach (var last in _last ?? [])
        {
            await last(this);
        }
        await _transaction.CommitAsync(ct);
    }

    internal void RunCommitted() => _committed?.ForEach(action => action());

    // The id is a formatted Guid, never text from outside. SET LOCAL ends with the transaction and yields no result set.
    private string SetTenant => $"set local app.tenant_id = '{TenantId:D}'";

    private CommandDefinition Command(string sql, object? args) =>
        new(Started ? sql : SetTenant + ";" + sql, args, _transaction, cancellationToken: _ct);
}
