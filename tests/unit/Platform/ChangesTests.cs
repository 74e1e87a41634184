using Parley.Platform.Feed;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

public sealed class ChangesTests
{
    [Theory]
    [InlineData("/v1/tasks", "tasks")]
    [InlineData("/v1/tasks/{id}", "tasks")]
    [InlineData("/v1/knowledge/articles/{articleId}/texts/{locale}/publish", "knowledge/articles")]
    [InlineData("/v1/conversations/{id}/tags/{tagId}", "conversations")]
    [InlineData("v1/conversations/views/{id}/default", "conversations/views")]
    [InlineData("/v1/webhooks/deliveries/{deliveryId}/replay", "webhooks/deliveries")]
    public void A_change_is_named_by_where_it_was_asked_for(string pattern, string what) => Changes.WhatOf(pattern).ShouldBe(what);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v1/{anything}")]
    [InlineData("/metrics")]
    [InlineData("/v1/auth/sign-in")]
    [InlineData("/v1/widget/conversations/{id}/rating")]
    [InlineData("/v1/conversations/{id}/messages")]
    [InlineData("/v1/conversations/{id}/handoff")]
    [InlineData("/v1/handoffs/{id}/accept")]
    [InlineData("/v1/knowledge/imports/{importId}/files")]
    [InlineData("/v1/widgets/{id}/check")]
    public void What_has_events_of_its_own_or_changes_nothing_for_others_is_not_told_again(string? pattern) => Changes.WhatOf(pattern).ShouldBeNull();
}
