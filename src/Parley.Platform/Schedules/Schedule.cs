using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Jobs;

namespace Parley.Platform.Schedules;

/// <summary>Something that happens at certain times, once in the whole installation however many nodes there are.</summary>
/// <param name="Name">Unique, e.g. <c>platform.expire</c>.</param>
/// <param name="Cron">Quartz's form with seconds, UTC: <c>0 17 3 * * ?</c> is 3:17 each day.</param>
/// <param name="RunAsync">Short work; long work is for a job, which this only enqueues.</param>
public sealed record Schedule(string Name, string Cron, Func<IServiceProvider, CancellationToken, Task> RunAsync);

/// <summary>Registration.</summary>
public static class ScheduleRegistrations
{
    /// <summary>Adds a schedule of the installation.</summary>
    public static IServiceCollection AddSchedule(this IServiceCollection services, string name, string cron, Func<IServiceProvider, CancellationToken, Task> runAsync) =>
        services.AddSingleton(new Schedule(name, cron, runAsync));

    /// <summary>
    /// Adds one job of a kind for every active tenant at each of these times. A tenant whose last one has not ended gets no second: the kind's
    /// name is the aggregate.
    /// </summary>
    public static IServiceCollection AddTenantSchedule(this IServiceCollection services, string name, string cron, JobKind kind) =>
        services.AddSchedule(name, cron, (provider, ct) => provider.GetRequiredService<TenantFanOut>().RunAsync(kind, ct));
}
