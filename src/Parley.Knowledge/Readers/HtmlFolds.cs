using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Parley.Knowledge.Readers;

/// <summary>
/// Opens what a page folds away until somebody clicks: panels of tabs and accordions are content, and what one clicks on is their title.
/// </summary>
internal static class HtmlFolds
{
    /// <summary>Where a panel's title is noted.</summary>
    internal const string Title = "data-parley-title";

    private const int MaxControls = 5000;
    private const int MaxLabel = 300;

    private static readonly string[] PanelWords = ["tabpanel", "tab-pane", "tab-panel", "tab-content", "tabs__content", "accordion-body", "accordion-content", "accordion-panel", "accordion-collapse", "collapse", "faq-answer"];

    internal static void Open(IHtmlDocument page)
    {
        var controls = page.QuerySelectorAll("[aria-controls], [data-bs-target], [data-target], [data-bs-toggle=tab], [data-toggle=tab], [role=tabpanel][aria-labelledby]").Take(MaxControls).ToList();
        var byId = new Dictionary<string, IElement>(StringComparer.Ordinal);
        if (controls.Count > 0)
        {
            foreach (var element in page.All.Where(e => !string.IsNullOrEmpty(e.Id)))
                byId.TryAdd(element.Id!, element);
        }
        foreach (var control in controls)
            Open(control, byId);
        // A heading that can be clicked says what it says.
        foreach (var button in page.QuerySelectorAll("h1 button, h2 button, h3 button, h4 button, h5 button, h6 button, dt button, summary button").ToList())
            Unwrap(page, button);
        foreach (var panel in page.QuerySelectorAll("[hidden], [aria-hidden=true], [style]").Where(IsPanel).ToList())
            Show(panel);
    }

    private static void Open(IElement control, Dictionary<string, IElement> byId)
    {
        var isPanel = control.GetAttribute("role") == "tabpanel";
        var id = isPanel ? control.GetAttribute("aria-labelledby")
            : control.GetAttribute("aria-controls") ?? control.GetAttribute("data-bs-target") ?? control.GetAttribute("data-target") ?? control.GetAttribute("href");
        if (id is null || !byId.TryGetValue(id.TrimStart('#').Split(' ')[0], out var other))
            return;
        var (panel, label) = isPanel ? (control, other) : (other, control);
        // What the control itself stands in would fold itself.
        if (panel.Contains(label) || panel.LocalName is "nav" or "menu" or "body" or "main")
            return;
        Show(panel);
        var text = TextNormal.OneLine(HtmlText.Of(label));
        if (label.Closest("h1, h2, h3, h4, h5, h6, dt, summary") is null && text.Length is > 0 and <= MaxLabel && !panel.HasAttribute(Title))
            panel.SetAttribute(Title, text);
    }

    private static bool IsPanel(IElement element) =>
        element.GetAttribute("role") == "tabpanel" || (element.ClassName is { Length: > 0 } names && names.Split(' ').Any(n => PanelWords.Contains(n.ToLowerInvariant())));

    private static void Show(IElement panel)
    {
        panel.RemoveAttribute("hidden");
        panel.RemoveAttribute("aria-hidden");
        panel.RemoveAttribute("style");
    }

    private static void Unwrap(IHtmlDocument page, IElement button)
    {
        var span = page.CreateElement("span");
        span.TextContent = HtmlText.Of(button);
        button.Replace(span);
    }
}
