using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Authorization;

namespace Parley.Platform.Feed;

/// <summary>
/// Tells the team's open feeds what kind of thing has changed, so that a list in another window follows: the event <c>changed</c> with
/// <c>what</c> (where it is asked for: <c>tasks</c>, <c>knowledge/articles</c>) and, where it is one thing, its <c>id</c>. It says nothing of
/// what stands in it, is in no table, and may be lost.
/// </summary>
public static class Changes
{
    internal const string Topic = "change";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // They have events of their own, belong to one customer or one person, or change nothing that others see.
    private static readonly string[] Told = ["widget", "auth", "handoffs", "assistant", "feed", "jobs/dead", "knowledge/imports"];
    private static readonly string[] ToldOfOne = ["messages", "typing", "close", "handoff", "test", "check", "preview"];

    /// <summary>Something other than a request changed it. After the commit.</summary>
    public static void PublishChange(this FeedHub feed, Guid tenantId, string what, Guid? id = null) =>
        // A topic of its own each time: nobody waits for one change, all wait for any.
        feed.PublishTransient(new FeedTopic(tenantId, Topic, id ?? Guid.CreateVersion7()), new FeedEvent("changed", JsonSerializer.SerializeToElement(new { what, id }, Json)));

    /// <summary>Goes after access rules: every request of the team that changed something is told.</summary>
    internal static void UseChanges(this IApplicationBuilder app)
    {
        var feed = app.ApplicationServices.GetRequiredService<FeedHub>();
        app.Use(async (http, next) =>
        {
            await next(http);
            if (http.Response.StatusCode < StatusCodes.Status400BadRequest && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
                && Caller.Of(http) is { Kind: not CallerKind.EndUser } caller && http.GetEndpoint() is RouteEndpoint endpoint && WhatOf(endpoint.RoutePattern.RawText) is { } what)
            {
                var id = http.Request.RouteValues.Values.Select(value => Guid.TryParse(value?.ToString(), out var one) ? one : (Guid?)null).FirstOrDefault(one => one is not null);
                feed.PublishChange(caller.TenantId, what, id);
            }
        });
    }

    /// <summary>What stands between the version and the first parameter; null: it is told otherwise, or not at all.</summary>
    internal static string? WhatOf(string? pattern)
    {
        var segments = (pattern ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments is not ["v1", _, ..] || ToldOfOne.Contains(segments[^1]))
        {
            return null;
        }
        var what = string.Join('/', segments.Skip(1).TakeWhile(segment => !segment.StartsWith('{')));
        return what.Length == 0 || Told.Any(told => what == told || what.StartsWith(told + "/", StringComparison.Ordinal)) ? null : what;
    }
}
