using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Quartz;

namespace Parley.Platform.Schedules;

/// <summary>Quartz with its clustered store: of all nodes one fires each time, and another when that one has died.</summary>
internal static class Scheduling
{
    internal const string Group = "parley";
    internal const string SchedulerName = "parley";

    internal const string PartitionsSql = "select partitions_ensure_all(@now)";
    internal const string ExpireSql = "select expire_ephemera(@now)";

    internal static IServiceCollection AddScheduling(this IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(options => (options.InstanceName, options.GenerateInstanceId) = (SchedulerName, true));
            quartz.UseDefaultThreadPool(2);
            quartz.UsePersistentStore(store =>
            {
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = "quartz.qrtz_";
                    options.StoreJobDataAsStrings = true;
                    options.SchemaProvisioning = SchemaProvisioning.Validate;
                });
                store.UsePostgres(source => source.DataSourceFactory = provider => provider.GetRequiredService<DataSources>().Scheduler);
                store.UseSystemTextJsonSerializer(_ => { });
                store.UseClustering(_ => { });
            });
        });
        return services.AddHostedService<SchedulerHost>();
    }

    /// <summary>What the installation itself needs: months made ahead, what expires thrown away.</summary>
    internal static IServiceCollection AddHousekeeping(this IServiceCollection services) => services
        .AddSchedule("platform.partitions", "0 17 3 * * ?", (provider, ct) => provider.GetRequiredService<SystemDb>().ExecuteAsync(PartitionsSql, Now(provider), ct))
        .AddSchedule("platform.objects", "0 41 4 * * ?", (provider, ct) => provider.GetRequiredService<ObjectSweep>().RunAsync(ct))
        .AddSchedule("platform.expire", "0 7 * * * ?", (provider, ct) =>
            provider.GetRequiredService<SystemDb>().ExecuteAsync(ExpireSql, Now(provider), ct));

    private static object Now(IServiceProvider provider) => new { now = provider.GetRequiredService<TimeProvider>().GetUtcNow() };
}

/// <summary>Quartz's side of a schedule: finds it by name and runs it. One at a time in the cluster.</summary>
[DisallowConcurrentExecution]
internal sealed class FireSchedule(IServiceProvider services, IEnumerable<Schedule> schedules, ILogger<FireSchedule> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var name = context.JobDetail.Key.Name;
        if (schedules.FirstOrDefault(schedule => schedule.Name == name) is not { } schedule)
        {
            // Of another version of Parley that runs beside this one.
            return;
        }
        try
        {
            await schedule.RunAsync(services, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Not rethrown: the next time comes anyway.
            log.ScheduleFailed(name, e);
        }
    }
}
