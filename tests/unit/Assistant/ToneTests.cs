using System.Text.RegularExpressions;
using Parley.Assistant;
using Parley.Assistant.Contracts;
using Parley.Assistant.Profile;
using Parley.Conversations.Contracts;
using Parley.Escalations;
using Parley.Escalations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed partial class ToneTests
{
    private static readonly string[] Languages = ["ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"];
    private static readonly string[] Own = [AssistantTone.Friendly, AssistantTone.Technical];
    private static readonly string[] Handover = [.. EscalationConfiguration.Steps, "outOfHoursNever", "acceptedUnnamed"];

    private static readonly string[] Said =
        [.. AssistantTexts.Keys, AssistantTexts.PartUnanswered, AssistantTexts.AskBack, AssistantTexts.Foreign, AssistantTexts.NotMatched, AssistantTexts.QueuePlace, AssistantTexts.HandingOver];

    public static TheoryData<string, string> All => new(from tone in Own from language in Languages select (tone, language));

    [Theory]
    [MemberData(nameof(All))]
    public void Every_text_is_said_in_every_tone_and_language_with_the_same_facts(string tone, string language)
    {
        AssistantTexts.All.Tones.Order().ShouldBe(Own);
        EscalationConfiguration.Texts.Tones.Order().ShouldBe(Own);
        foreach (var (texts, keys) in new[] { (AssistantTexts.All, Said), (EscalationConfiguration.Texts, Handover) })
        {
            foreach (var key in keys)
            {
                var (plain, said) = (texts.Get(language, key), texts.In(tone).Get(language, key));
                said.ShouldNotBeNullOrWhiteSpace($"{tone} {language} {key}");
                Places(said).ShouldBe(Places(plain), $"{tone} {language} {key}");
            }
            // Most differ: a tone that says the plain texts is none.
            keys.Count(key => texts.Get(language, key) != texts.In(tone).Get(language, key)).ShouldBeGreaterThan(keys.Length * 2 / 3, $"{tone} {language}");
        }
    }

    [Theory]
    [InlineData("de", @"\b(Sie|Ihnen|Ihre?[rnms]?)\b")]
    [InlineData("es", @"\b([Uu]sted|Quiere|Vuelva|Pida|Indique)\b")]
    [InlineData("ru", @"\b([Вв]ы|[Вв]ас|[Вв]ам|[Вв]аш\w*)\b")]
    [InlineData("ro", @"\b(dumneavoastr\w*|Doriți|Spuneți|Puteți|vă)\b")]
    [InlineData("el", @"\b(σας|Θέλετε|Μπορείτε|Είστε)\b")]
    [InlineData("zh", "您")]
    public void The_friendly_tone_speaks_to_a_customer_informally(string language, string formal)
    {
        foreach (var text in Said.Select(key => AssistantTexts.All.In(AssistantTone.Friendly).Get(language, key)).Concat(Handover.Select(key => EscalationConfiguration.Texts.In(AssistantTone.Friendly).Get(language, key))))
        {
            Regex.IsMatch(text, formal).ShouldBeFalse(text);
        }
    }

    [Fact]
    public void A_profile_that_says_nothing_of_tone_keeps_the_plain_words()
    {
        var profile = new AssistantProfile();
        profile.Problems().ShouldBeEmpty();
        foreach (var language in Languages)
        {
            profile.Text(language, AssistantTexts.Abstain).ShouldBe(AssistantTexts.All.Get(language, AssistantTexts.Abstain));
        }
        profile.WelcomeIn("en").ShouldBe(WidgetSettings.ShippedGreeting);
        profile.WelcomeIn("fr").ShouldBe(WidgetSettings.ShippedGreeting, "where there are no words, English stands in as before");
    }

    [Fact]
    public void Own_words_come_before_the_tone_and_a_languages_own_greeting_before_the_one_for_all()
    {
        var profile = new AssistantProfile
        {
            Tone = AssistantTone.Friendly, Greeting = "Ahoy!", SuggestedQuestions = ["One?"],
            Languages = new Dictionary<string, AssistantLanguage> { ["de"] = new("Moin!"), ["es"] = new(null, ["¿Uno?"]) },
            Texts = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["de"] = new Dictionary<string, string> { ["abstain"] = "Keine Ahnung." } },
        };
        profile.Problems().ShouldBeEmpty();
        profile.Text("de-AT", AssistantTexts.Abstain).ShouldBe("Keine Ahnung.");
        profile.Text("de", AssistantTexts.OfferPerson).ShouldBe("Möchtest du mit jemandem aus unserem Team sprechen?");
        (profile.GreetingIn("de-CH"), profile.WelcomeIn("de"), profile.GreetingIn("es"), profile.GreetingIn(null)).ShouldBe(("Moin!", "Moin!", "Ahoy!", "Ahoy!"));
        (profile.QuestionsIn("es").Single(), profile.QuestionsIn("de").Single()).ShouldBe(("¿Uno?", "One?"));
    }

    [Fact]
    public void Own_words_about_a_request_for_a_person_are_said_with_their_facts_and_give_way_where_a_fact_is_not_known()
    {
        var profile = new AssistantProfile
        {
            Texts = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["en"] = new Dictionary<string, string> { ["queued"] = "Number {position}, hold on.", ["accepted"] = "{agent} is here.", ["outOfHours"] = "Back {when}.", ["returned"] = "Me again." },
            },
        };
        profile.Problems().ShouldBeEmpty();
        var face = new AssistantFace("", profile.Tone, "", [], null, "", "", profile.OwnTexts("en-GB"));
        var at = new DateTimeOffset(2026, 3, 2, 20, 0, 0, TimeSpan.Zero);
        var (hours, never) = (new ServiceHours(), new ServiceHours { Open = [] });
        string Said(string key, string? agent = "Ann", ServiceHours? open = null) => HandoffTexts.Of(key, "en-GB", face, 3, agent, open ?? hours, at);

        Said(HandoffTexts.Queued).ShouldBe("Number 3, hold on.");
        Said(HandoffTexts.Accepted).ShouldBe("Ann is here.");
        Said(HandoffTexts.Accepted, agent: null).ShouldBe(EscalationConfiguration.Texts.Get("en", "acceptedUnnamed"), "nobody's name is known");
        Said(HandoffTexts.OutOfHours).ShouldBe("Back tomorrow at 09:00 (UTC).");
        Said(HandoffTexts.OutOfHours, open: never).ShouldBe(EscalationConfiguration.Texts.Get("en", "outOfHoursNever"), "nobody is ever there");
        Said(HandoffTexts.Returned).ShouldBe("Me again.");
        Said(HandoffTexts.Expired).ShouldBe(EscalationConfiguration.Texts.Get("en", "expired"), "none of its own");
        HandoffTexts.Of(HandoffTexts.Queued, "de", face with { Texts = profile.OwnTexts("de") }, 1, null, hours, at).ShouldBe(EscalationConfiguration.Texts.Get("de", "queued", ("position", "1")));
    }

    [Fact]
    public void A_text_that_names_what_nobody_will_fill_in_is_refused()
    {
        static string[]? Problems(string key, string text) => new AssistantProfile
        {
            Texts = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = new Dictionary<string, string> { [key] = text } },
        }.Problems().GetValueOrDefault("texts");
        Problems("queued", "Hello {agent}").ShouldNotBeNull().Single().ShouldContain("{position}");
        Problems("accepted", "Hello {name}").ShouldNotBeNull().Single().ShouldContain("{agent}");
        Problems("returned", "Place {position}").ShouldBeNull();
        Problems("today", "now").ShouldNotBeNull().Single().ShouldContain("queued");
    }

    [Fact]
    public void Each_field_says_what_is_wrong_with_it()
    {
        var profile = new AssistantProfile
        {
            Name = "a\0b", Tone = "rude", AvatarInitials = "ABC", AvatarColor = "red", SuggestedQuestions = ["1", "2", "3", "4", "5", "6", "7"],
            Languages = new Dictionary<string, AssistantLanguage> { ["german!"] = new(), ["de"] = new(new string('x', 501)) },
        };
        profile.Problems().Keys.Order().ShouldBe(["avatarColor", "avatarInitials", "languages", "languages.de", "name", "suggestedQuestions", "tone"]);
        new AssistantProfile { AvatarInitials = "小🙂" }.Problems().ShouldBeEmpty("letters are counted as people count them");
    }

    [Fact]
    public void The_texts_of_a_language_are_shown_in_all_tones()
    {
        var shown = GetAssistantTexts.Of("de-AT");
        shown.Language.ShouldBe("de");
        shown.Languages.ShouldBe(Languages);
        shown.Tones.Keys.ShouldBe(AssistantTone.All);
        shown.Tones["friendly"]["goodbye"].ShouldStartWith("Tschüss");
        shown.Handover["technical"]["queued"].ShouldContain("{position}");
        GetAssistantTexts.Of("xx").Language.ShouldBe("en");
    }

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(m => m.Value).Order();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Place();
}
