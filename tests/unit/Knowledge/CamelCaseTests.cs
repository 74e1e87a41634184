using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class CamelCaseTests
{
    [Theory]
    [InlineData("Set maxReplicas and DeploymentOverlapSeconds.", "max Replicas|Deployment Overlap Seconds")]
    [InlineData("GitHub, JavaScript, API, HTTPServer and iOS", "i OS")]
    [InlineData("getUserById2(x)", "get User By Id2")]
    [InlineData("nothing here", "")]
    public void Words_inside_names_are_told_apart(string text, string names) => string.Join('|', CamelCase.In(text)).ShouldBe(names);

    [Theory]
    [InlineData("With point-in-time recovery (PITR) you go back.", "pitr=point in time recovery")]
    [InlineData("A Web Application Firewall (WAF) and a CDN (fast).", "waf=web application firewall")]
    [InlineData("Out of memory (OOM) happens.", "oom=out of memory")]
    [InlineData("The state of the art (SOTA) is here.", "sota=state of the art")]
    [InlineData("See the list (ABC) and (x) and (TOOLONGNAME).", "")]
    [InlineData("(AB", "")]
    public void Acronyms_are_learnt_where_they_are_introduced(string text, string learnt) =>
        string.Join('|', Acronyms.In(text).Select(a => a.Name + "=" + a.Phrase)).ShouldBe(learnt);
}
