using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Inference.Budget;

/// <summary>
/// Holds a call's worst case before it is made, in scopes that are locked in one order, and books what it cost after. Two short transactions, and none
/// while the call is under way. Below a hard limit the sum of what is settled and held never exceeds it.
/// </summary>
internal sealed class Budgets(TenantDb db, ConfigurationStore configuration, NodeIdentity node, TimeProvider time, ILogger<Budgets> log)
{
    /// <summary>What a move of the scopes begins with: in the one order, in which they are locked. A scope that nobody had yet comes to be.</summary>
    /// <remarks>Scope by scope, as an upsert is. A join with the table would be planned, and kept, as a read of all that the tenant ever had.</remarks>
    private const string ScopesSql = """
        insert into budget_scopes as s (tenant_id, kind, subject_id, period, held, settled, touched_on)
        select @tenantId::uuid, w.kind, w.subject_id, w.period, greatest(@held::numeric, 0), @settled::numeric, @today::date
          from unnest(@kinds::text[], @subjects::uuid[], @periods::date[]) with ordinality as w (kind, subject_id, period, n)
        """;

    private const string Moved = """
        order by w.n
        on conflict (tenant_id, kind, subject_id, period) do update set held = s.held + @held::numeric, settled = s.settled + excluded.settled, touched_on = excluded.touched_on
        returning s.kind, s.settled, s.held
        """;

    /// <summary>Which limits are in force, so that whoever knows them need not read them.</summary>
    private const string InForce = "coalesce((select p.version from published_configurations p where p.tenant_id = @tenantId and p.kind = @configuration and p.subject_id = @tenantId), 0)";

    private const string InOrder = "order by array_position(@kinds::text[], kind)";

    private const string KeepSql = """
        insert into budget_reservations (tenant_id, id, amount, node, expires_at, at, service, provider, model, feature, assistant_id, conversation_id, end_user_id, turn_id, anonymous, call_id, tier, account_id)
        select @tenantId::uuid, @id::uuid, @amount::numeric, @node::text, clock_timestamp() + make_interval(secs => @seconds::float8), @at::timestamptz, @service::text, @provider::text, @model::text, @feature::text,
               @assistantId::uuid, @conversationId::uuid, @endUserId::uuid, @turnId::uuid, @anonymous::boolean, @callId::uuid, @tier::text, @accountId::uuid
        """;

    /// <summary>
    /// Holds, and keeps it where the limits that this node knows are those in force and leave room for the wanted tier everywhere: one way to the server, and
    /// what holds up the tenant's other calls is over soonest. Else the same transaction asks the ladder and moves by the difference; until then nobody sees it.
    /// </summary>
    internal const string HoldSql = $"""
        with moved as ({ScopesSql} {Moved}),
        fits as (
          select @wanted::boolean and bool_and(settled + held <= coalesce((@limits::numeric[])[array_position(@kinds::text[], kind)], 'infinity'))
             and @limitsOf = {InForce} as ok from moved),
        kept as ({KeepSql} where (select ok from fits))
        select settled, held - @held::numeric as held, (select ok from fits) as kept, {InForce} as version from moved {InOrder}
        """;

    /// <summary>From what the wanted tier would have held to what the ladder found.</summary>
    internal const string MoveSql = $"{ScopesSql} {Moved}";

    internal const string ReserveSql = $"with moved as ({MoveSql}) {KeepSql}";

    /// <summary>
    /// Whoever ends a reservation deletes it; of two that try, one finds it, and for the other nothing moves. The commit does not wait for the disk: a database
    /// that loses power in that moment has the reservation again, and the sweep books it whole. Nodes may die as they like, the database has it. What reserves does wait.
    /// </summary>
    private const string Ended = $"""
        taken as (delete from budget_reservations where tenant_id = @tenantId::uuid and id = @id::uuid returning id),
        moved as ({ScopesSql} where exists (select from taken) {Moved})
        """;

    private const string Rows = $"settled, held, {InForce} as version, set_config('synchronous_commit', 'off', true) from moved {InOrder}";

    internal const string ReleaseSql = $"with {Ended} select {Rows}";

    internal const string SettleSql = $"""
        with {Ended},
        booked as (
          insert into usage (tenant_id, id, at, service, provider, model, feature, assistant_id, conversation_id, end_user_id, turn_id,
            input_tokens, output_tokens, cached_tokens, cache_write_tokens, units, cost, settled, call_id, tier, account_id, latency_us, cost_large, cost_uncached, batch, cost_unbatched)
          select @tenantId::uuid, @id::uuid, @at::timestamptz, @service::text, @provider::text, @model::text, @feature::text, @assistantId::uuid, @conversationId::uuid, @endUserId::uuid, @turnId::uuid,
            @inputTokens::bigint, @outputTokens::bigint, @cachedTokens::bigint, @cacheWriteTokens::bigint, @units::numeric, @settled::numeric, @exact::boolean,
            @callId::uuid, @tier::text, @accountId::uuid, @latencyUs::bigint, @costLarge::numeric, @costUncached::numeric, @batch::boolean, @costUnbatched::numeric
           where exists (select from taken))
        select {Rows}
        """;

    internal const string AlertSql = """
        insert into budget_alerts (tenant_id, kind, subject_id, period, step, spent, budget, at)
        select @tenantId, @kind, @subjectId, @period, step, @spent, @budget, @now from unnest(@steps::smallint[]) step on conflict do nothing returning step
        """;

    internal const string ReservationSql = """
        select id, amount, at, service, provider, model, feature, assistant_id as assistantid, conversation_id as conversationid, end_user_id as enduserid, turn_id as turnid, anonymous, call_id as callid, tier,
               account_id as accountid from budget_reservations where tenant_id = @tenantId and id = @id
        """;

    private static readonly int[] Steps = [70, 80, 90, 100, 110, 120];

    private const int MaxAlerted = 20_000;

    // A scope that is used up would write its alerts again with every call, while all others of the tenant wait for its lock.
    private readonly ConcurrentDictionary<(Guid Tenant, BudgetScope Scope, int Step), bool> _alerted = new();

    /// <summary>Finds the tier that the budget allows and holds its worst case.</summary>
    /// <param name="who">On whose account.</param>
    /// <param name="offers">The wanted tier first, then cheaper ones.</param>
    /// <param name="extractive">Whether there can be an answer without a model.</param>
    /// <param name="lease">After which a node that says nothing has lost the call; longer than the call may take.</param>
    /// <param name="ct">Ends the wait for the locks.</param>
    internal Task<Reserved> ReserveAsync(Spender who, IReadOnlyList<Offer> offers, bool extractive, TimeSpan lease, CancellationToken ct) =>
        db.InTransactionAsync(who.TenantId, session => ReserveAsync(session, who, offers, extractive, lease, node.Id), ct);

    /// <summary>The same in a transaction of the caller's.</summary>
    /// <param name="session">It must not have locked anything that others lock behind a scope.</param>
    /// <param name="who">On whose account.</param>
    /// <param name="offers">The wanted tier first, then cheaper ones.</param>
    /// <param name="extractive">Whether there can be an answer without a model.</param>
    /// <param name="lease">After which whoever holds it has lost the call.</param>
    /// <param name="holder">Whose end ends the call, too: a node, or something that outlives nodes.</param>
    internal async Task<Reserved> ReserveAsync(TenantSession session, Spender who, IReadOnlyList<Offer> offers, bool extractive, TimeSpan lease, string holder)
    {
        var at = time.GetUtcNow();
        var scopes = BudgetScope.Of(who, at);
        var wanted = offers is [{ Amount: not null } first, ..] ? Of(first) : null;
        var known = configuration.Known<BudgetSettings>(session.TenantId, BudgetSettings.Kind, session.TenantId);
        var rows = await session.QueryAsync<ScopeRow>(HoldSql, Holding(wanted, wanted?.Amount ?? 0, known));
        var settings = await SettingsAsync(session, rows[0].Version);
        ScopeState[] states = [.. scopes.Zip(rows, (scope, row) => new ScopeState(scope, scope.Limit(settings), scope.Hard(settings), row.Settled + row.Held))];
        var step = Ladder.Decide([.. offers.Select(offer => new Rung(offer.Tier, offer.Amount))], states, extractive);
        if (rows[0].Kept is true)
        {
            return new Reserved(step, wanted, settings);
        }
        var tried = wanted?.Amount ?? 0;
        if (step.Rung is null)
        {
            await session.ExecuteAsync(MoveSql, Args(session.TenantId, scopes, at, held: -tried, settled: 0));
            await AlertAsync(session, Array.Find(states, state => state.Scope == step.Blocking), [100], at);
            return new Reserved(step, null, settings);
        }
        var reservation = Of(offers.First(each => each.Tier == step.Rung.Tier));
        await session.ExecuteAsync(ReserveSql, Holding(reservation, reservation.Amount - tried));
        return new Reserved(step, reservation, settings);

        Reservation Of(Offer offer) => new(Guid.CreateVersion7(), who, at, offer.Provider, offer.Model, WorstCase.RoundUp(offer.Amount ?? 0)) { Tier = offer.Tier, AccountId = offer.AccountId };

        Dapper.DynamicParameters Holding(Reservation? kept, decimal held, Published<BudgetSettings>? limits = null)
        {
            var args = Row(kept ?? new Reservation(Guid.Empty, who, at, "", "", 0), scopes, at, held, settled: 0, new
            {
                amount = kept?.Amount ?? 0, seconds = lease.TotalSeconds, node = holder, provider = kept?.Provider, model = kept?.Model, tier = Name(kept?.Tier), accountId = kept?.AccountId,
            });
            var known = limits?.Body ?? new BudgetSettings();
            args.AddDynamicParams(new { wanted = kept is not null, limitsOf = limits?.Version ?? 0, limits = scopes.Select(scope => scope.Limit(known)).ToArray() });
            return args;
        }
    }

    /// <summary>Books what the call cost, in the month and day in which it was reserved. False: the sweep was quicker and has booked the whole amount.</summary>
    internal Task<bool> SettleAsync(Reservation reservation, Bill bill, CancellationToken ct) =>
        db.InTransactionAsync(reservation.Who.TenantId, session => SettleAsync(session, reservation, bill), ct);

    /// <summary>The same in a transaction of the caller's.</summary>
    internal async Task<bool> SettleAsync(TenantSession session, Reservation reservation, Bill bill)
    {
        var cost = bill.Cost is { } known ? WorstCase.Round(known) : reservation.Amount;
        var now = time.GetUtcNow();
        var scopes = BudgetScope.Of(reservation.Who, reservation.At);
        var usage = bill.Usage ?? new ModelUsage();
        var args = Row(reservation, scopes, now, held: -reservation.Amount, settled: cost, new
        {
            provider = bill.Provider, model = bill.Model, inputTokens = usage.InputTokens, outputTokens = usage.OutputTokens, cachedTokens = usage.CachedReadTokens,
            cacheWriteTokens = usage.CacheWriteTokens, units = (decimal)usage.SearchUnits, exact = bill is { Usage: not null, Cost: not null },
            tier = Name(bill.Tier ?? reservation.Tier), accountId = bill.AccountId ?? reservation.AccountId, latencyUs = (long?)bill.Latency?.TotalMicroseconds,
            costLarge = bill.CostLarge, costUncached = bill.CostUncached, batch = bill.Batch, costUnbatched = bill.CostUnbatched,
        });
        var rows = await session.QueryAsync<ScopeRow>(WithDecisions(SettleSql, args, bill.Decisions), args);
        if (rows.Count == 0)
        {
            session.OnCommitted(() => log.SettledTooLate(reservation.Id)); // the exact bill is in the decisions
            return false;
        }
        var settings = await SettingsAsync(session, rows[0].Version);
        foreach (var (scope, row) in scopes.Zip(rows))
        {
            var state = new ScopeState(scope, scope.Limit(settings), scope.Hard(settings), row.Settled);
            await AlertAsync(session, state, StepsOf(state), now);
        }
        if (cost > reservation.Amount)
        {
            session.OnCommitted(() => log.CostAboveReserve(cost, reservation.Amount, bill.Provider, bill.Model));
        }
        return true;
    }

    /// <summary>Nothing was billed: the money is free again.</summary>
    internal Task ReleaseAsync(Reservation reservation, CancellationToken ct) => ReleaseAsync(reservation, null, ct);

    /// <summary>Nothing was billed: the money is free again, and why is stored.</summary>
    internal Task ReleaseAsync(Reservation reservation, DecisionRows? decisions, CancellationToken ct) =>
        db.InTransactionAsync(reservation.Who.TenantId, session => ReleaseAsync(session, reservation, decisions), ct);

    /// <summary>The same in a transaction of the caller's.</summary>
    internal Task ReleaseAsync(TenantSession session, Reservation reservation, DecisionRows? decisions)
    {
        var args = Args(session.TenantId, BudgetScope.Of(reservation.Who, reservation.At), time.GetUtcNow(), held: -reservation.Amount, settled: 0);
        args.Add("id", reservation.Id);
        return session.ExecuteAsync(WithDecisions(ReleaseSql, args, decisions), args);
    }

    /// <summary>Stores decisions of a call that holds nothing.</summary>
    internal Task RecordAsync(DecisionRows decisions, CancellationToken ct) => db.InTransactionAsync(decisions.Who.TenantId, decisions.WriteAsync, ct);

    /// <summary>What is held under an id; null: it has ended.</summary>
    internal async Task<Reservation?> FindAsync(Guid tenantId, Guid id, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, session => session.QuerySingleOrDefaultAsync<HeldRow>(ReservationSql, new { tenantId, id }), ct) is { } row ? row.Reservation(tenantId) : null;

    /// <summary>The steps that are reached.</summary>
    internal static IReadOnlyList<int> StepsOf(ScopeState state) => state.Limit is > 0 ? Array.FindAll(Steps, step => state.Used >= state.Limit * step / 100) : [];

    private async Task<BudgetSettings> SettingsAsync(TenantSession session, int version)
    {
        var known = configuration.Known<BudgetSettings>(session.TenantId, BudgetSettings.Kind, session.TenantId);
        var published = (known?.Version ?? 0) == version ? known : await configuration.PublishedAsync<BudgetSettings>(session, BudgetSettings.Kind, session.TenantId);
        return published?.Body ?? new BudgetSettings();
    }

    // One row for each step that is passed, one notice for the highest of them.
    private async Task AlertAsync(TenantSession session, ScopeState? state, IReadOnlyList<int> steps, DateTimeOffset now)
    {
        if (state is not { Scope.HasAlerts: true, Limit: { } limit } || steps.Count == 0)
        {
            return;
        }
        steps = [.. steps.Where(step => !_alerted.ContainsKey((session.TenantId, state.Scope, step)))];
        if (steps.Count == 0)
        {
            return;
        }
        var given = await session.QueryAsync<short>(AlertSql, new
        {
            tenantId = session.TenantId, kind = state.Scope.Kind, subjectId = state.Scope.SubjectId, period = state.Scope.Period, steps = steps.Select(step => (short)step).ToArray(), spent = state.Used, budget = limit, now,
        });
        session.OnCommitted(() =>
        {
            if (_alerted.Count >= MaxAlerted)
            {
                _alerted.Clear();
            }
            steps.ToList().ForEach(step => _alerted[(session.TenantId, state.Scope, step)] = true);
            if (given.Count > 0)
            {
                log.BudgetStep(state.Scope.Kind, given.Max());
            }
        });
    }

    private static string WithDecisions(string sql, Dapper.DynamicParameters args, DecisionRows? decisions)
    {
        if (decisions is null)
        {
            return sql;
        }
        args.AddDynamicParams(decisions.Args());
        return $"{sql};{DecisionRows.InsertSql}";
    }

    private static string? Name(ModelTier? tier) => tier?.ToString().ToLowerInvariant();

    private static Dapper.DynamicParameters Args(Guid tenantId, IReadOnlyList<BudgetScope> scopes, DateTimeOffset now, decimal held, decimal settled) => new(new
    {
        tenantId, configuration = BudgetSettings.Kind, today = DateOnly.FromDateTime(now.UtcDateTime), held, settled, kinds = scopes.Select(scope => scope.Kind).ToArray(), subjects = scopes.Select(scope => scope.SubjectId).ToArray(), periods = scopes.Select(scope => scope.Period).ToArray(),
    });

    private static Dapper.DynamicParameters Row(Reservation of, IReadOnlyList<BudgetScope> scopes, DateTimeOffset now, decimal held, decimal settled, object more)
    {
        var args = Args(of.Who.TenantId, scopes, now, held, settled);
        var who = of.Who;
        args.AddDynamicParams(new { id = of.Id, at = of.At, service = who.Service, feature = who.Feature, assistantId = who.AssistantId, conversationId = who.ConversationId, endUserId = who.EndUserId, turnId = who.TurnId, anonymous = who.Anonymous, callId = who.CallId });
        args.AddDynamicParams(more);
        return args;
    }

    private sealed record ScopeRow
    {
        public decimal Settled { get; init; }

        public decimal Held { get; init; }

        /// <summary>The money is held already.</summary>
        public bool? Kept { get; init; }

        /// <summary>Of the limits that are in force; 0: none were published.</summary>
        public int Version { get; init; }
    }
}
