using Parley.Knowledge.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class DocumentLanguageTests
{
    [Theory]
    [InlineData("en", "A volume keeps the files of your service across deployments. It can be resized at any time, and you can attach it to another service if it is not in use.")]
    [InlineData("de", "Ein Volume bewahrt die Dateien des Dienstes auf. Es kann jederzeit vergrößert werden, und wenn es nicht verwendet wird, können Sie es an einen anderen Dienst hängen.")]
    [InlineData("fr", "Un volume garde les fichiers de votre service. Il peut être agrandi, et vous pouvez le joindre à un autre service si personne ne l'utilise dans le projet.")]
    [InlineData("es", "Un volumen guarda los archivos del servicio. Se puede ampliar en cualquier momento y, si no está en uso, puede conectarse a otro servicio con la misma cuenta.")]
    [InlineData("nl", "Een volume bewaart de bestanden van je dienst. Het kan op elk moment worden vergroot en je kunt het aan een andere dienst koppelen als het niet in gebruik is.")]
    [InlineData("ru", "Том хранит файлы сервиса между развёртываниями.")]
    [InlineData("zh", "卷会在部署之间保留服务的文件。")]
    [InlineData("el", "Ο τόμος διατηρεί τα αρχεία της υπηρεσίας.")]
    [InlineData(null, "alpha beta gamma delta 12 xyz foo bar baz qux quux corge grault garply waldo fred")]
    [InlineData(null, "OK")]
    [InlineData(null, "")]
    public void A_document_tells_its_language_or_nothing(string? language, string text) => DocumentLanguage.Detect([text]).ShouldBe(language);
}
