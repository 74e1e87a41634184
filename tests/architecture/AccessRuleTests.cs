using Microsoft.AspNetCore.Builder;
using Parley.Platform.Authorization;
using Shouldly;
using Xunit;

namespace Parley.Tests.Architecture;

public sealed class AccessRuleTests
{
    [Fact]
    public void The_application_does_not_start_with_an_endpoint_that_declares_nothing()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/public", () => "ok").AllowPublic();
        app.MapGet("/guarded", () => "ok").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/any", () => "ok").RequireAnyPermission(Permission.KnowledgeRead, Permission.WidgetTalk);
        app.MapGet("/own", () => "ok").RequireUser();
        app.VerifyAccessRules();
        app.MapPost("/silent", () => "leak");
        Should.Throw<InvalidOperationException>(app.VerifyAccessRules).Message.ShouldContain("/silent");
    }
}
