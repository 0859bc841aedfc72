"""English word pairs that differ in gender alone, and first names in pairs: the built-in table of text/swaps.py. Own compilation.

PAIRS and NAMES are one to one in both directions. ONE_WAY words have a counterpart whose own counterpart is another word (Mrs -> Mr -> Ms): a
text with one of them cannot be swapped back. he/she, him/her, his/her/hers are not here: text/swaps.py resolves them in their sentence.
Left out on purpose: words used for everybody (guys, mankind), animals, ranks that double as surnames or faiths (lord, abbot, god), names that are
words too (Grace, Mark, Will) or are given to all (Alex, Jordan, Taylor). Names are paired by rough popularity and decade, not by meaning.
One pair: ('father', 'mother')
"""

from __future__ import annotations


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """'man/woman ...' as pairs."""
    found = [tuple(item.split("/")) for item in text.split()]
    return tuple((a, b) for a, b in found)


PAIRS = _pairs("""
    he/she himself/herself mr/ms male/female males/females masculine/feminine masculinity/femininity maleness/femaleness
    man/woman men/women manhood/womanhood manly/womanly boy/girl boys/girls boyish/girlish boyhood/girlhood
    gentleman/lady gentlemen/ladies gentlemanly/ladylike lad/lass lads/lasses sir/madam
    father/mother fathers/mothers fathered/mothered fathering/mothering fatherly/motherly fatherhood/motherhood fatherless/motherless
    dad/mom dads/moms daddy/mommy daddies/mommies papa/mama paternal/maternal paternity/maternity patriarch/matriarch patriarchy/matriarchy
    son/daughter sons/daughters brother/sister brothers/sisters brotherly/sisterly brotherhood/sisterhood husband/wife husbands/wives
    uncle/aunt uncles/aunts nephew/niece nephews/nieces grandfather/grandmother grandfathers/grandmothers grandpa/grandma grandpas/grandmas
    granddad/grandmom grandson/granddaughter grandsons/granddaughters godfather/godmother godfathers/godmothers godson/goddaughter
    stepfather/stepmother stepfathers/stepmothers stepdad/stepmom stepson/stepdaughter stepsons/stepdaughters stepbrother/stepsister
    stepbrothers/stepsisters boyfriend/girlfriend boyfriends/girlfriends groom/bride grooms/brides groomsman/bridesmaid
    groomsmen/bridesmaids fiancé/fiancée widower/widow widowers/widows
    king/queen kings/queens prince/princess princes/princesses duke/duchess dukes/duchesses baron/baroness emperor/empress heir/heiress
    heirs/heiresses actor/actress actors/actresses waiter/waitress waiters/waitresses host/hostess hosts/hostesses
    steward/stewardess stewards/stewardesses hero/heroine heroes/heroines landlord/landlady landlords/landladies monk/nun monks/nuns
    wizard/witch wizards/witches headmaster/headmistress masseur/masseuse schoolboy/schoolgirl schoolboys/schoolgirls cowboy/cowgirl
    cowboys/cowgirls businessman/businesswoman businessmen/businesswomen salesman/saleswoman salesmen/saleswomen
    policeman/policewoman policemen/policewomen fireman/firewoman firemen/firewomen chairman/chairwoman chairmen/chairwomen
    spokesman/spokeswoman spokesmen/spokeswomen congressman/congresswoman congressmen/congresswomen councilman/councilwoman
    councilmen/councilwomen craftsman/craftswoman craftsmen/craftswomen sportsman/sportswoman sportsmen/sportswomen
    horseman/horsewoman horsemen/horsewomen anchorman/anchorwoman anchormen/anchorwomen gunman/gunwoman gunmen/gunwomen
    handyman/handywoman handymen/handywomen cameraman/camerawoman serviceman/servicewoman servicemen/servicewomen
    frontman/frontwoman clergyman/clergywoman clergymen/clergywomen nobleman/noblewoman noblemen/noblewomen
    fraternity/sorority fraternities/sororities
""")

ONE_WAY = {
    "mrs": "mr",
    "ma'am": "sir",
    "mum": "dad",
    "mums": "dads",
    "mummy": "daddy",
    "bridegroom": "bride",
    "guy": "girl",
    "gal": "boy",
    "gals": "boys",
    "dude": "girl",
    "spinster": "widower",
    "housewife": "husband",
    "housewives": "husbands",
}

NAMES = _pairs("""
    James/Mary John/Patricia Robert/Jennifer Michael/Linda William/Elizabeth David/Barbara Richard/Susan Joseph/Jessica Thomas/Sarah
    Charles/Karen Christopher/Lisa Daniel/Nancy Matthew/Betty Anthony/Sandra Donald/Margaret Steven/Ashley Paul/Kimberly Andrew/Emily
    Joshua/Donna Kenneth/Michelle Kevin/Carol Brian/Amanda George/Dorothy Timothy/Melissa Ronald/Deborah Edward/Stephanie Jason/Rebecca
    Jeffrey/Laura Jacob/Cynthia Gary/Kathleen Nicholas/Amy Eric/Angela Jonathan/Shirley Stephen/Anna Larry/Brenda Justin/Pamela Scott/Emma
    Brandon/Nicole Benjamin/Helen Samuel/Samantha Gregory/Katherine Alexander/Christine Patrick/Debra Raymond/Rachel Jack/Carolyn
    Dennis/Janet Jerry/Catherine Tyler/Maria Aaron/Heather Jose/Diane Adam/Ruth Nathan/Julie Henry/Olivia Zachary/Joyce Peter/Virginia
    Kyle/Victoria Ethan/Sophia Walter/Alice Noah/Isabella Jeremy/Megan Marcus/Hannah Keith/Theresa Roger/Judith Howard/Martha
    Harold/Judy Sean/Lauren Gerald/Marilyn Carl/Frances Arthur/Gloria Lawrence/Jean Dylan/Kathryn Juan/Ana Bryan/Abigail Billy/Sally
    Bruce/Beverly Albert/Denise Willie/Tiffany Gabriel/Natalie Logan/Ava Alan/Diana Ralph/Doris Liam/Mia Mike/Katie Joe/Jane Bob/Sue
    Tom/Kate Jim/Ann Steve/Anne Dave/Ellen Tim/Beth Ben/Lucy Fred/Molly Luke/Claire Oliver/Charlotte Tony/Tina Greg/Kelly Jeff/Lori
    Jamal/Latoya Tyrone/Keisha Darnell/Ebony DeShawn/Shanice Malik/Aaliyah Carlos/Carmen Luis/Rosa Miguel/Juanita Pedro/Inés
    Diego/Lucia Mohammed/Fatima Ahmed/Aisha Omar/Layla Ali/Leila Hassan/Zainab Raj/Priya Amit/Anjali Arjun/Lakshmi Wei/Mei Hiroshi/Yuki
    Ivan/Olga Dmitri/Natasha Hans/Greta Pierre/Marie Giovanni/Giulia
""")
