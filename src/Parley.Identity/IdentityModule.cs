using System.Collections.Frozen;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Identity.Workspaces;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;
using Parley.Platform.Schedules;

namespace Parley.Identity;

/// <summary>Users, memberships, roles, API keys, sign-in, the audit log. The module's two doors.</summary>
public static class IdentityModule
{
    private const string DefaultScheme = "parley";
    private const string NoScheme = "none";

    /// <summary>Registers the module; the host may configure <see cref="IdentityOptions"/>.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddOptions<IdentityOptions>();
        services.AddAuthenticationCore(options => options.DefaultScheme = DefaultScheme).AddWebEncoders();
        services.AddScheme<PolicySchemeHandler>(DefaultScheme);
        services.Configure<PolicySchemeOptions>(DefaultScheme, policy => policy.ForwardDefaultSelector = SelectScheme);
        services.AddScheme<SessionHandler>(SessionHandler.SchemeName);
        services.AddScheme<NobodyHandler>(NoScheme);
        services.AddBearerScheme<ApiKeyHandler>(ApiKeyHandler.Prefix, "api-key");
        services.AddBearerScheme<OperatorTokenHandler>(LocalOperatorToken.Prefix, "operator");
        services.AddSingleton<SchemeTable>();
        services.AddSingleton<Sessions>().AddSingleton<SessionViews>().AddSingleton<Passwords>();
        services.AddSingleton<SignInGate>().AddSingleton<SignIn>().AddSingleton<OwnSession>().AddSingleton<ChangePassword>();
        services.AddSingleton<Roles>().AddSingleton<ListMembers>().AddSingleton<AddMember>().AddSingleton<ChangeMember>().AddSingleton<RemoveMember>();
        services.AddSingleton<ResetMemberPassword>().AddSingleton<PasswordLinks>().AddSingleton<OwnAccount>();
        services.AddSingleton<RecoveryCodes>().AddSingleton<SecondFactors>().AddSingleton<OwnSecondFactor>().AddSingleton<ResetMemberSecondFactor>();
        services.AddSingleton<CustomRoles>();
        services.AddSingleton<Invitations>().AddSingleton<AcceptInvitation>();
        services.AddSingleton<ApiKeys>().AddSingleton<CreateApiKey>();
        services.AddSingleton<AuditLog>().AddSingleton<ListAudit>().AddSingleton<ExportAudit>().AddSingleton<AuditChain>();
        services.AddSingleton<AuditVerifier>().AddSingleton<DeadJobsApi>();
        services.AddJob<AuditChainJob>(AuditChainJob.Kind).AddIdentitySchedules();
        services.AddSingleton(s => new OwnerConfirmation(s.GetRequiredService<TenantDb>(), s.GetRequiredService<SystemDb>(), s.GetRequiredService<SignInGate>(),
            s.GetRequiredService<Passwords>(), s.GetRequiredService<SecondFactors>()));
        services.AddSingleton(s => new WorkspaceDeletion(s.GetRequiredService<TenantDb>(), s.GetRequiredService<SystemDb>(), s.GetRequiredService<ObjectStore>(),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<WorkspaceDeletion>>()));
        services.AddSingleton<WorkspaceExports>().AddSingleton<DeleteWorkspace>();
        services.AddJob<ExportWorkspaceJob>(ExportWorkspaceJob.Kind).AddJob<ExpireExportsJob>(ExpireExportsJob.Kind).AddJob<DeleteWorkspaceJob>(DeleteWorkspaceJob.Kind);
        services.AddTenantSchedule(ExpireExportsJob.Kind.Name, "0 27 4 * * ?", ExpireExportsJob.Kind);
        services.AddSchedule(DeleteWorkspaceJob.Kind.Name, "0 13 * * * ?", DeleteWorkspace.ResumeAsync);
        services.AddSingleton(provider => new Bootstrap(provider.GetRequiredService<TenantDb>(), provider.GetRequiredService<SystemDb>(),
            provider.GetRequiredService<Passwords>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").WithTags("Identity");
        SignIn.Map(v1);
        OwnSession.Map(v1);
        ChangePassword.Map(v1);
        Roles.Map(v1);
        ListMembers.Map(v1);
        AddMember.Map(v1);
        ChangeMember.Map(v1);
        RemoveMember.Map(v1);
        ResetMemberPassword.Map(v1);
        PasswordLinks.Map(v1);
        OwnAccount.Map(v1);
        OwnSecondFactor.Map(v1);
        ResetMemberSecondFactor.Map(v1);
        CustomRoles.Map(v1);
        Invitations.Map(v1);
        AcceptInvitation.Map(v1);
        ApiKeys.Map(v1);
        CreateApiKey.Map(v1);
        ListAudit.Map(v1);
        ExportAudit.Map(v1);
        WorkspaceExports.Map(v1);
        DeleteWorkspace.Map(v1);
        DeadJobsApi.Map(app.MapGroup("/v1/jobs").WithTags("Jobs"));
    }

    /// <summary>A request with an Authorization header is never read as a browser's session: an invalid token stays invalid.</summary>
    private static string SelectScheme(HttpContext http) =>
        http.Request.Headers.Authorization.Count == 0
            ? SessionHandler.SchemeName
            : http.RequestServices.GetRequiredService<SchemeTable>().Find(Bearer.TokenOf(http)) ?? NoScheme;

    private sealed class SchemeTable(IEnumerable<BearerScheme> schemes)
    {
        private readonly BearerScheme[] _schemes = [.. schemes];

        internal string? Find(string? token) =>
            token is null ? null : Array.Find(_schemes, scheme => token.StartsWith(scheme.Prefix, StringComparison.Ordinal))?.Name;
    }
}
