using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Parley.Platform.Schedules;

/// <summary>
/// Tells Quartz's store which schedules there are, starts Quartz and stops it. A schedule that is there with the same times stays as it is,
/// so that a restart neither skips nor repeats a time; every node may do this at once.
/// </summary>
/// <remarks>
/// Not Quartz's own hosted service: its stop waits for what is running, and what has run while the database is away tries for ever to
/// write that down.
/// </remarks>
internal sealed class SchedulerHost(ISchedulerFactory factory, IEnumerable<Schedule> schedules, ILogger<SchedulerHost> log) : IHostedService
{
    /// <summary>For what is running. Another node takes over what is given up, or this one when it starts again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IScheduler? _scheduler;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await factory.GetScheduler(cancellationToken);
        foreach (var schedule in schedules)
        {
            var trigger = new TriggerKey(schedule.Name, Scheduling.Group);
            if (await scheduler.GetTrigger(trigger, cancellationToken) is ICronTrigger known && known.CronExpressionString == schedule.Cron)
            {
                continue;
            }
            await scheduler.ScheduleJob(
                JobBuilder.Create<FireSchedule>().WithIdentity(schedule.Name, Scheduling.Group).StoreDurably().Build(),
                [TriggerBuilder.Create().WithIdentity(trigger)
                    // A time that passed while no node ran is made up for once.
                    .WithCronSchedule(schedule.Cron, cron => cron.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
                    .Build()],
                new ScheduleJobOptions { Replace = true },
                cancellationToken);
        }
        await scheduler.Start(cancellationToken);
        _scheduler = scheduler;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // It cannot be stopped twice.
        if (Interlocked.Exchange(ref _scheduler, null) is not { } scheduler)
        {
            return;
        }
        try
        {
            await scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or SchedulerException)
        {
            log.SchedulerGivenUp(e);
        }
    }
}
