using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform.RateLimits;

namespace Parley.Inference.Pipeline;

/// <summary>The one way to a chat model: every decorator, stacked once.</summary>
internal sealed class ModelPipeline(
    ModelProviders providers, Budgets budgets, LateDecisions late, RateLimiter limiter, Circuits circuits, ModelTimeouts timeouts, TimeProvider time, ILogger<BudgetChat> log)
{
    /// <summary>Its options must carry a <see cref="ModelCall"/>.</summary>
    internal IChatClient Chat { get; } =
        new TelemetryChat(
            new BudgetChat(
                new PromptLayout(
                    new FailoverChat(
                        new RateLimitChat(
                            new RetryChat(
                                new SeatWork(new SeatChat(providers, timeouts), time),
                                time, Random.Shared.NextDouble),
                            limiter, time),
                        circuits, time)),
                budgets, new TenantLimits(limiter), late, timeouts, time, log),
            time);
}
