using Microsoft.Extensions.Hosting;
using Quartz;

namespace Parley.Platform.Schedules;

/// <summary>
/// Tells Quartz's store which schedules there are. One that is there with the same times stays as it is, so that a restart neither skips
/// nor repeats a time; every node may do this at once.
/// </summary>
internal sealed class ScheduleStarter(ISchedulerFactory factory, IEnumerable<Schedule> schedules) : IHostedService
{
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
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
